/** A data directory with a channel of made-up items in it, for benchmarks of size: real records, real blocks. */
import { randomFillSync } from 'node:crypto';
import { LevelDatastore } from 'datastore-level';
import { createCatalogue } from '../node/catalogue/catalogue.ts';
import { createContent } from '../node/content/create-content.ts';
import { openDataDirectory } from '../node/data/data-directory.ts';
import { createLog } from '../node/log.ts';
import { openKeystore } from '../node/network/keystore.ts';
import { createChannelDesk } from '../node/publish/channel-desk.ts';
import { channelKey } from '../protocol/channel-id.ts';
import { cborCid } from '../protocol/cid.ts';
import { encodeManifest, encodeSegmentList, type FileRef, type SegmentList } from '../protocol/manifest.ts';
import type { ItemRecord } from '../protocol/records.ts';
import { signRecord } from '../protocol/verified.ts';

export interface MadeChannel {
  channel: string;
  /** The segments of the one film, when one was asked for. */
  segments: FileRef[];
}

export interface MadeChannelOptions {
  items: number;
  /** One item is a film of this many segments of random bytes. */
  film?: { segments: number; segmentBytes: number };
  say?: (line: string) => void;
}

/** Fills a new data directory by the node's own rooms; it is closed again when this resolves. */
export async function makeChannel(path: string, options: MadeChannelOptions): Promise<MadeChannel> {
  const log = createLog('error');
  const data = await openDataDirectory(path);
  const datastore = new LevelDatastore(data.file('content-db'));
  await datastore.open();
  const content = createContent({ dataDir: path, libp2p: null, datastore, reserveBytes: 0, log });
  await content.start();
  const catalogue = createCatalogue({ db: data.db, log });
  await catalogue.start();
  const announce = async (signed: Uint8Array) => {
    const acceptance = await catalogue.accept(signed, { from: 'the benchmark' });
    if (acceptance.outcome !== 'kept') throw new Error(JSON.stringify(acceptance));
  };
  const keystore = await openKeystore(data.file('keys'), log);
  const channels = createChannelDesk({ keystore, catalogue, announce });
  const channel = await channels.create({
    name: 'Benchmark',
    description: '',
    language: null,
    categories: [],
  });
  const rootKey = channelKey(channel);
  if (rootKey === null) throw new Error(`${channel} is no channel id`);

  const segments: FileRef[] = [];
  const bytes = new Uint8Array(options.film?.segmentBytes ?? 0);
  for (let n = 0; n < (options.film?.segments ?? 0); n++) {
    segments.push(await content.addBytes(randomFillSync(bytes)));
    if (n % 1000 === 999) options.say?.(`${n + 1} segments stored`);
  }
  const manifest = segments.length > 0 ? await storeFilm(segments) : cborCid(Uint8Array.of(0));

  async function storeFilm(files: FileRef[]) {
    const list: SegmentList = { v: 1, init: null, segments: files.map(({ cid, size }) => [cid, size, 2000]) };
    const root = await content.addBlock(
      encodeManifest({
        v: 1,
        durationMs: files.length * 2000,
        renditions: [
          {
            id: 'v1080',
            kind: 'video',
            codecs: 'avc1.640028',
            width: 1920,
            height: 1080,
            frameRate: '24',
            bandwidth: 5_000_000,
            averageBandwidth: 4_000_000,
            language: null,
            name: 'v1080',
            isDefault: true,
            channels: null,
            list: await content.addBlock(encodeSegmentList(list)),
          },
        ],
        poster: null,
        storyboard: null,
        folder: await content.addFolder(files.map((ref, n) => ({ path: `v1080/${n}.m4s`, ref }))),
      }),
    );
    await content.pin(root);
    return root;
  }

  const secret = channels.secret(channel);
  const record = (n: number): ItemRecord => ({
    type: 'item',
    v: 1,
    channel: rootKey,
    seq: 0,
    at: Date.now(),
    deleted: false,
    previous: null,
    nonce: new Uint8Array(Buffer.from(n.toString(16).padStart(32, '0'), 'hex')),
    kind: 'film',
    title: `Film ${n}`,
    description: 'A film made up for a benchmark. '.repeat(8),
    credits: '',
    series: null,
    language: 'en',
    durationMs: segments.length * 2000,
    manifest,
    folder: null,
    poster: null,
  });
  const batch = 500;
  for (let from = 0; from < options.items; from += batch) {
    const count = Math.min(batch, options.items - from);
    await Promise.all(
      Array.from({ length: count }, (_, n) => announce(signRecord(record(from + n), secret))),
    );
  }
  options.say?.(`${options.items} items in the catalogue`);

  await catalogue.stop();
  await content.stop();
  await datastore.close();
  await data.close();
  return { channel, segments };
}
