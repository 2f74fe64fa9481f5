/** A gateway and studio over a real catalogue and store in a temporary directory, with one published item. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { LevelDatastore } from 'datastore-level';
import { Level } from 'level';
import { CID } from 'multiformats/cid';
import { createCatalogue } from '../../../node/catalogue/catalogue.ts';
import { createManifests } from '../../../node/catalogue/manifests.ts';
import { type ConfigInput, parseConfig } from '../../../node/config.ts';
import type { Content } from '../../../node/content/content.ts';
import { createContent } from '../../../node/content/create-content.ts';
import type { Control } from '../../../node/gateway/control.ts';
import { createGateway } from '../../../node/gateway/gateway.ts';
import { createStudio } from '../../../node/gateway/studio.ts';
import { startAll, stopAll } from '../../../node/lifecycle.ts';
import { createLog } from '../../../node/log.ts';
import type { HealthView } from '../../../protocol/api.ts';
import { channelId } from '../../../protocol/channel-id.ts';
import { itemId } from '../../../protocol/item-id.ts';
import {
  encodeManifest,
  encodeSegmentList,
  type FileRef,
  type Manifest,
} from '../../../protocol/manifest.ts';
import type { ChannelRecord, ItemRecord } from '../../../protocol/records.ts';
import { signRecord } from '../../../protocol/verified.ts';

const MIB = 1024 * 1024;
export const TOKEN = 'the-token-of-this-test';
/** Long ago enough that no clock of a test machine makes it the future. */
const AT = Date.UTC(2026, 0, 1);

export interface LiveGatewayOptions {
  config?: Partial<ConfigInput>;
  control?: Partial<Control>;
  health?: () => HealthView;
  wrapContent?: (content: Content) => Content;
}

export async function startLiveGateway(options: LiveGatewayOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'heliograph-gateway-'));
  const log = createLog('silent');
  const db = new Level<string, unknown>(join(directory, 'db'), { valueEncoding: 'json' });
  const datastore = new LevelDatastore(join(directory, 'content-db'));
  await datastore.open();
  const stored = createContent({ dataDir: directory, libp2p: null, datastore, reserveBytes: 0, log });
  const content = options.wrapContent?.(stored) ?? stored;
  const catalogue = createCatalogue({ db, log });
  await catalogue.start();
  await stored.start();
  const manifests = createManifests({ content, catalogue });
  const webRoot = join(directory, 'web');
  await writeWebApp(webRoot);
  const config = parseConfig({
    data: directory,
    gateway: { host: '127.0.0.1', port: 0, fetchTimeout: 0.3, ...options.config?.gateway },
    studio: { port: 0, ...options.config?.studio },
  });
  const health = options.health ?? (() => ({ status: 'ok' as const, version: '1.2.3', reason: null }));
  const shared = { config, catalogue, manifests, content, webRoot, version: '1.2.3', health, log };
  const gateway = createGateway(shared);
  const studio = createStudio({ ...shared, gateway, control: controlOf(options.control), token: TOKEN });
  await startAll([gateway, studio]);
  return {
    directory,
    content: stored,
    catalogue,
    manifests,
    gateway,
    studio,
    get: (path: string, init?: RequestInit) => fetch(gateway.url() + path, init),
    ask: (path: string, init: RequestInit = {}) =>
      fetch(studio.url() + path, {
        redirect: 'manual',
        ...init,
        headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
      }),
    async stop() {
      await stopAll([gateway, studio]);
      await stored.stop();
      await catalogue.stop();
      await datastore.close();
      await db.close();
      await rm(directory, { recursive: true });
    },
  };
}

export type LiveGateway = Awaited<ReturnType<typeof startLiveGateway>>;

/** A studio control of which a test says only what it needs; anything else it calls is a fault of the test. */
function controlOf(given: Partial<Control> = {}): Control {
  const quiet = { ownChannels: () => [], jobs: () => [], follows: () => [], peers: () => [] };
  const listeners = { onJob: () => () => {}, onFollow: () => () => {} };
  return { ...quiet, ...listeners, ...given } as Control;
}

async function writeWebApp(root: string): Promise<void> {
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<!doctype html><script src="/assets/app-1a2b.js"></script>');
  await writeFile(join(root, 'assets', 'app-1a2b.js'), `console.log("${'app '.repeat(500)}");`);
}

/** A channel that signs its own records. */
export function createPublisher(live: Pick<LiveGateway, 'content' | 'catalogue'>) {
  const secret = randomBytes(32);
  const channel = ed25519.getPublicKey(secret);
  const id = channelId(channel);
  const { content, catalogue } = live;

  async function accept(record: ChannelRecord | ItemRecord): Promise<void> {
    const acceptance = await catalogue.accept(signRecord(record, secret), { from: 'a test' });
    if (acceptance.outcome !== 'kept') throw new Error(JSON.stringify(acceptance));
  }

  return {
    id,
    announce: (change: Partial<ChannelRecord> = {}) =>
      accept({
        type: 'channel',
        v: 1,
        channel,
        seq: 1,
        at: AT,
        deleted: false,
        previous: null,
        name: 'Mirror and Sun',
        description: 'Tests by daylight',
        language: 'en',
        categories: ['test'],
        logo: null,
        library: null,
        schedule: null,
        keys: [],
        ...change,
      }),

    async announceItem(change: Partial<ItemRecord> = {}): Promise<string> {
      const nonce = randomBytes(16);
      await accept({
        type: 'item',
        v: 1,
        channel,
        seq: 1,
        at: AT,
        deleted: false,
        previous: null,
        nonce,
        kind: 'film',
        title: 'A Film',
        description: '',
        credits: '',
        series: null,
        language: null,
        durationMs: 4_000,
        manifest: CID.parse('bafyreigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'),
        folder: null,
        poster: null,
        ...change,
      });
      return itemId(channel, nonce);
    },

    /** A film of two segments, the first of them longer than one block, with sound, subtitles and pictures. */
    async publishFilm() {
      const bytes = {
        init: randomBytes(700),
        long: randomBytes(MIB + 500_000),
        short: randomBytes(64_000),
        sound: randomBytes(20_000),
        subtitle: Buffer.from('WEBVTT\n\n00:00.000 --> 00:02.000\nHello\n'),
        poster: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(3_000)]),
        storyboard: Buffer.from('WEBVTT\n\n00:00.000 --> 00:02.000\nstoryboard-001.jpg#xywh=0,0,160,90\n'),
        picture: Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), randomBytes(2_000)]),
      };
      const refs = {} as Record<keyof typeof bytes, FileRef>;
      for (const name of Object.keys(bytes) as (keyof typeof bytes)[]) {
        refs[name] = await content.addBytes(bytes[name]);
      }
      const segment = (ref: FileRef): [CID, number, number] => [ref.cid, ref.size, 2_000];
      const list = (init: FileRef | null, ...segments: FileRef[]) =>
        content.addBlock(encodeSegmentList({ v: 1, init, segments: segments.map(segment) }));
      const folder = await content.addFolder([
        { path: 'v720/init.mp4', ref: refs.init },
        { path: 'v720/00001.m4s', ref: refs.long },
        { path: 'poster.jpg', ref: refs.poster },
      ]);
      const rendition = {
        width: null,
        height: null,
        frameRate: null,
        averageBandwidth: 1_000,
        language: null,
        isDefault: true,
        channels: null,
      };
      const manifest: Manifest = {
        v: 1,
        durationMs: 4_000,
        renditions: [
          {
            ...rendition,
            id: 'v720',
            kind: 'video',
            codecs: 'avc1.64001f',
            width: 1280,
            height: 720,
            frameRate: '24',
            bandwidth: 2_000_000,
            name: '720p',
            list: await list(refs.init, refs.long, refs.short),
          },
          {
            ...rendition,
            id: 'a-en',
            kind: 'audio',
            codecs: 'mp4a.40.2',
            bandwidth: 128_000,
            language: 'en',
            channels: 2,
            name: 'English',
            list: await list(refs.init, refs.sound, refs.sound),
          },
          {
            ...rendition,
            id: 's-en',
            kind: 'subtitle',
            codecs: 'wvtt',
            bandwidth: 100,
            language: 'en',
            name: 'English',
            list: await list(null, refs.subtitle),
          },
        ],
        poster: refs.poster,
        storyboard: { vtt: refs.storyboard, images: [refs.picture] },
        folder,
      };
      const manifestCid = await content.addBlock(encodeManifest(manifest));
      const item = await this.announceItem({ manifest: manifestCid, folder, poster: refs.poster.cid });
      return { item, manifest, manifestCid, folder, bytes, refs };
    },
  };
}

export type Film = Awaited<ReturnType<ReturnType<typeof createPublisher>['publishFilm']>>;
