/** The one composition root: builds every part of a node, starts them in order, stops them in reverse. */
import { randomBytes } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { LevelDatastore } from 'datastore-level';
import packageJson from '../package.json' with { type: 'json' };
import type { HealthView } from '../protocol/api.ts';
import { channelId } from '../protocol/channel-id.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { createManifests } from './catalogue/manifests.ts';
import { relayVerdict } from './catalogue/relay.ts';
import type { Config } from './config.ts';
import { createContent } from './content/create-content.ts';
import { createRelease } from './content/release.ts';
import { createControl } from './control.ts';
import { type DataDirectory, openDataDirectory } from './data/data-directory.ts';
import { HeliographError } from './errors.ts';
import { createGateway } from './gateway/gateway.ts';
import { createStudio } from './gateway/studio.ts';
import { type Service, startAll, stopAll } from './lifecycle.ts';
import { createLog, scoped } from './log.ts';
import { describeTools, findTools } from './media/media.ts';
import { createFollowStore } from './mirror/follow-store.ts';
import { createHerald } from './mirror/herald.ts';
import { createMirror } from './mirror/mirror.ts';
import { allLoopback, httpBases, trackerUrls } from './mirror/reach.ts';
import { createGossip } from './network/gossip.ts';
import { createHost } from './network/host.ts';
import { openKeystore } from './network/keystore.ts';
import { createSync } from './network/sync.ts';
import { createChannelDesk } from './publish/channel-desk.ts';
import { createItemDesk } from './publish/item-desk.ts';
import { createJobQueue } from './publish/job-queue.ts';
import { createJobStore } from './publish/job-store.ts';

const MIB = 1024 * 1024;
const HOLDINGS_PAUSE_MS = 200;
const WEB_ROOT = fileURLToPath(new URL('../web/dist', import.meta.url));

/** A node that has been built; `start` resolves when it serves. */
export interface RunningNode extends Service {
  gatewayUrl(): string;
  studioUrl(): string;
  /** A link that signs a browser in once. */
  signInUrl(): string;
  /** Multiaddrs to give to friends. */
  addresses(): string[];
  readonly peerId: string;
  /** Which ffmpeg is used, in one line. */
  readonly ffmpeg: string;
}

/**
 * Builds a node over its data directory, which stays open from here on. Throws `data-dir-in-use`, `ffmpeg-missing`
 * or `bad-config`; `start` throws `address-in-use` naming the address.
 */
export async function createNode(config: Config): Promise<RunningNode> {
  const log = createLog(config.log);
  const data = await openDataDirectory(config.data);
  const undo = [() => data.close()];
  try {
    return await assemble(config, log, data, undo);
  } catch (error) {
    for (const close of undo.reverse()) await close();
    throw error;
  }
}

async function assemble(
  config: Config,
  log: ReturnType<typeof createLog>,
  data: DataDirectory,
  /** Closes what was opened, should a later part fail. */
  undo: (() => Promise<void>)[],
): Promise<RunningNode> {
  const born = Date.now();
  const ended = new AbortController();
  const token = randomBytes(32).toString('base64url');
  const tools = await findTools(config.media);
  const ffmpeg = describeTools(tools);
  const keystore = await openKeystore(data.file('keys'), log);

  const datastore = new LevelDatastore(data.file('content-db'));
  await datastore.open();
  undo.push(() => datastore.close());
  const host = await createHost({ config: config.network, keystore, datastore, log });
  const content = await createContent({
    dataDir: data.path,
    libp2p: host.libp2p,
    datastore,
    reserveBytes: config.disk.reserveMb * MIB,
    log,
  });
  const catalogue = createCatalogue({ db: data.db, log });
  await catalogue.start();
  const manifests = createManifests({ content, catalogue });

  const gossip = createGossip({
    libp2p: host.libp2p,
    accept: async (bytes, from) => relayVerdict(await catalogue.accept(bytes, { from })),
    log,
  });
  const sync = createSync({
    libp2p: host.libp2p,
    source: catalogue,
    accept: async (bytes, from) => relayVerdict(await catalogue.accept(bytes, { from })),
    log,
  });

  /** Records of this node's own come in by the same door as all others, and then go out. */
  async function announce(signed: Uint8Array): Promise<void> {
    const acceptance = await catalogue.accept(signed, { from: 'this node', own: true });
    if (acceptance.outcome === 'refused') {
      const { code, reason } = acceptance.refusal;
      throw new HeliographError('record-refused', `this node's own record was refused (${code}): ${reason}`);
    }
    await gossip.publish(signed);
  }

  const release = createRelease({
    content,
    roots: [() => items.roots(), () => jobs.roots(), () => mirror.roots()],
    log,
    signal: ended.signal,
  });
  const channels = createChannelDesk({ keystore, catalogue, announce });
  const items = createItemDesk({ channels, catalogue, content, release, announce });
  const jobs = createJobQueue({
    store: createJobStore(data.db),
    directory: data.file('jobs'),
    channels,
    items,
    content,
    release,
    tools,
    settings: config.media,
    reserveBytes: config.disk.reserveMb * MIB,
    log,
  });
  const mirror = createMirror({
    store: createFollowStore(data.db),
    catalogue,
    manifests,
    content,
    release,
    settings: config.mirror,
    log,
  });

  /** Channels this node can serve whole items of, its own and those it mirrors, with the number of such items. */
  async function holdings(): Promise<Map<string, number>> {
    const pinned = new Set<string>();
    for await (const root of content.pins()) pinned.add(root.toString());
    const held = new Map<string, number>();
    for (const channel of [...channels.own(), ...mirror.follows().map((follow) => follow.channel)]) {
      held.set(
        channel,
        catalogue.items(channel).filter(({ record }) => pinned.has(String(record.manifest))).length,
      );
    }
    return held;
  }

  /** Roots of everything the catalogue knows, wanted here or not. */
  function* knownRoots(): Generator<string> {
    for (const { record } of catalogue.channels()) {
      if (record.library) yield record.library.toString();
      for (const item of catalogue.items(channelId(record.channel))) yield String(item.record.manifest);
    }
  }

  async function reach() {
    const addresses = host.addresses();
    const listener = {
      publicUrl: config.gateway.url,
      host: config.gateway.host,
      port: Number(new URL(gateway.url()).port || 80),
    };
    const http = httpBases(listener, interfaceAddresses(), allLoopback(addresses));
    return { http, trackers: trackerUrls(http), addresses, room: await content.diskFree() };
  }

  const { secret, privateKey } = keystore.nodeKey();
  const herald = createHerald({ secret, nodeKey: privateKey.publicKey.raw, holdings, reach, announce, log });

  let phase: HealthView['status'] = 'starting';
  const listeners = {
    config,
    catalogue,
    manifests,
    content,
    webRoot: WEB_ROOT,
    version: packageJson.version,
    log,
    health: () => ({
      status: phase,
      version: packageJson.version,
      reason: phase === 'ok' ? null : `the node is ${phase === 'failing' ? 'stopping' : phase}`,
    }),
  };
  const gateway = createGateway(listeners);
  const control = createControl({
    channels,
    items,
    jobs,
    mirror,
    host,
    catalogue,
    content,
    syncNow: () => sync.syncNow(),
    about: () => ({
      version: packageJson.version,
      gateway: gateway.url(),
      studio: studio.url(),
      uptime: (Date.now() - born) / 1000,
      ffmpeg,
    }),
  });
  const studio = createStudio({ ...listeners, gateway, control, token });

  let forgetHoldings = () => {};
  const services: Service[] = [
    { name: 'data', start: async () => {}, stop: () => data.close() },
    { name: 'datastore', start: async () => {}, stop: () => datastore.close() },
    catalogue,
    host,
    content,
    gossip,
    sync,
    jobs,
    mirror,
    gateway,
    studio,
    herald,
    {
      name: 'holdings',
      async start() {
        forgetHoldings = onHoldingsChange(() => herald.refresh());
        await data.tellStudio({ pid: process.pid, url: studio.url(), token, gateway: gateway.url() });
      },
      stop: async () => forgetHoldings(),
    },
  ];

  /** Calls back when this node can serve something it could not before, or no longer can. */
  function onHoldingsChange(changed: () => void): () => void {
    let before = '';
    let timer: NodeJS.Timeout | undefined;
    const look = async () => {
      const now = JSON.stringify([...(await holdings())]);
      timer = undefined;
      if (now !== before) changed();
      before = now;
    };
    // Thousands of records may come at once, when a node that comes late takes in the catalogue.
    const lookSoon = () => {
      timer ??= setTimeout(look, HOLDINGS_PAUSE_MS);
    };
    const forgets = [mirror.on(lookSoon), catalogue.on((event) => event.type !== 'mirror' && lookSoon())];
    return () => {
      clearTimeout(timer);
      for (const forget of forgets) forget();
    };
  }

  return {
    name: 'node',
    start: async () => {
      await startAll(services.filter((service) => service !== catalogue));
      phase = 'ok';
      if (catalogue.intact()) await release.leftovers(knownRoots());
      scoped(log, 'node/node').info({ gateway: gateway.url(), studio: studio.url() }, 'the node serves');
    },
    async stop() {
      phase = 'failing';
      ended.abort();
      await stopAll(services);
    },
    gatewayUrl: () => gateway.url(),
    studioUrl: () => studio.url(),
    signInUrl: () => studio.signInUrl(),
    addresses: () => host.addresses(),
    peerId: host.peerId,
    ffmpeg,
  };
}

/** IPv4 addresses of this machine by which others may reach it. */
function interfaceAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
}
