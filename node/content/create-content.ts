/** Puts the content room together: block files, Helia, reading, fetching, pinning, collecting. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Libp2p } from '@libp2p/interface';
import type { LevelDatastore } from 'datastore-level';
import type { CID } from 'multiformats/cid';
import { cidOf, DAG_CBOR, RAW } from '../../protocol/cid.ts';
import { MAX_BLOCK_BYTES } from '../../protocol/constants.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { HeliographError } from '../errors.ts';
import { type Log, scoped } from '../log.ts';
import { BlockFetch, type FetchOptions, untilAborted, waitError } from './block-fetch.ts';
import { BlockFiles } from './block-files.ts';
import { blockLinks } from './block-links.ts';
import { takeCensus } from './census.ts';
import { type Collected, collectGarbage } from './collect-garbage.ts';
import type { Content, PinOptions } from './content.ts';
import { DiskSpace } from './disk-space.ts';
import { createExchange } from './exchange.ts';
import { fetchWholeFile } from './fetch-whole-file.ts';
import { Lease } from './lease.ts';
import { PinSet } from './pin-set.ts';
import { sha256 } from './sha256.ts';
import { storeBytes, storeFile } from './store-file.ts';
import { loadStoreState, saveStoreState } from './store-state.ts';
import { UnixfsFolder } from './unixfs-folder.ts';
import { type GetBlock, UnixfsReader } from './unixfs-reader.ts';
import { Walked, walkDag } from './walk-dag.ts';

/** What nobody asked to sync is flushed this often, so that little is in doubt after a power cut. */
const FLUSH_EVERY_MS = 30_000;
/** A clock that was set back between writing and a crash must not hide a torn file. */
const CLOCK_DOUBT_MS = 60_000;
/** A full disk is not walked again and again when there is nothing to free. */
const MAKE_ROOM_EVERY_MS = 60_000;
/** The longest that making room waits for holds to end and for collecting. */
const MAKE_ROOM_LIMIT_MS = 120_000;

export interface ContentOptions {
  /** Blocks go to its folder `blocks`. */
  dataDir: string;
  /** Null: only what is stored here is known. Not started or stopped here. */
  libp2p: Libp2p | null;
  /** Open, and closed by its owner after `stop`. */
  datastore: LevelDatastore;
  /** Bytes of the disk that storing leaves free. */
  reserveBytes: number;
  log: Log;
}

export function createContent(options: ContentOptions): Content {
  const { datastore, libp2p } = options;
  const { db } = datastore;
  const log = scoped(options.log, 'node/content/create-content');
  const space = new DiskSpace(options.dataDir, options.reserveBytes);
  const blocks = new BlockFiles(join(options.dataDir, 'blocks'), {
    space,
    log: scoped(options.log, 'node/content/block-files'),
  });
  const helia = createExchange({ blocks, datastore, libp2p });
  const remote = new BlockFetch({ helia, blocks, libp2p });
  const lease = new Lease();
  const pins = new PinSet(db);
  const ended = new AbortController();
  let counting: Promise<void> = Promise.resolve();
  let madeRoomAt = Number.NEGATIVE_INFINITY;
  let makingRoom: Promise<void> | null = null;
  let flushTimer: NodeJS.Timeout | undefined;
  let isRunning = false;

  /** Null when it has to be fetched, and may be. */
  async function readHere(cid: CID, wanted: FetchOptions, into?: Parameters<GetBlock>[2]) {
    try {
      return await blocks.read(cid, into);
    } catch (error) {
      const code = error instanceof HeliographError ? error.code : 'internal';
      if (!wanted.fetch || (code !== 'not-found' && code !== 'bad-block')) throw error;
      return null;
    }
  }
  const getBlock: GetBlock = async (cid, wanted, into) =>
    (await readHere(cid, wanted, into)) ?? remote.fetch(cid, wanted);
  const reader = new UnixfsReader({ getBlock, sizeOf: (cid) => blocks.size(cid) });
  const folders = new UnixfsFolder({ getBlock, blocks });
  const put = (cid: CID, block: Uint8Array) => blocks.put(cid, block);

  async function sync(): Promise<void> {
    const flushedAt = Date.now();
    await blocks.sync();
    if (isRunning) await saveStoreState(db, { bytes: space.used, flushedAt, isClean: false });
  }

  async function collect(signal: AbortSignal): Promise<Collected> {
    return lease.exclusively(async () => {
      const collected = await collectGarbage({ blocks, roots: pins.all(), signal });
      log.info({ ...collected }, 'collected blocks that no pin reaches');
      return collected;
    }, signal);
  }

  /** Every caller waits for the same collection, each as long as its own signal lets it. */
  async function makeRoom(bytes: number, signal?: AbortSignal): Promise<void> {
    if ((await space.room()) >= bytes) return;
    if (makingRoom === null && performance.now() - madeRoomAt >= MAKE_ROOM_EVERY_MS) {
      makingRoom = collect(AbortSignal.any([ended.signal, AbortSignal.timeout(MAKE_ROOM_LIMIT_MS)]))
        .then(
          () => undefined,
          (error) => log.warn({ error }, 'making room on the disk failed'),
        )
        .finally(() => {
          madeRoomAt = performance.now();
          makingRoom = null;
        });
    }
    if (makingRoom !== null) {
      try {
        await (signal ? untilAborted(makingRoom, signal) : makingRoom);
      } catch (error) {
        throw new HeliographError('cancelled', 'waiting for room on the disk was cancelled', {
          cause: error,
        });
      }
    }
    const free = await space.room();
    if (free >= bytes) return;
    throw new HeliographError(
      'disk-full',
      `the disk has room for ${free} bytes above the reserve and ${bytes} are needed; free some or lower the reserve`,
    );
  }

  /** Resolves when everything below the root is here. */
  async function complete(root: CID, wanted: PinOptions): Promise<void> {
    const limit = wanted.limit ?? Number.POSITIVE_INFINITY;
    let fetched = 0;
    const fetch = async (cid: CID): Promise<Uint8Array> => {
      // Asked before and after: several blocks are under way at once.
      if (fetched >= limit) throw passesLimit(root, limit);
      const block = await remote.fetch(cid, wanted);
      fetched += block.byteLength;
      if (fetched > limit) throw passesLimit(root, limit);
      return block;
    };
    const open = async (cid: CID): Promise<readonly CID[]> => {
      if (cid.code === RAW && (await blocks.has(cid))) return [];
      return blockLinks(cid, (await readHere(cid, wanted)) ?? (await fetch(cid)));
    };
    try {
      await walkDag(root, open, { walked: new Walked(), signal: wanted.signal });
    } catch (error) {
      throw wanted.signal?.aborted ? waitError(wanted.signal, root) : error;
    }
  }

  async function start(): Promise<void> {
    await mkdir(blocks.path, { recursive: true });
    await blocks.open();
    const state = await loadStoreState(db);
    space.used = state.bytes;
    if (!state.isClean) blocks.suspect = { from: state.flushedAt - CLOCK_DOUBT_MS, to: Date.now() };
    await saveStoreState(db, { ...state, isClean: false });
    // Helia's own collection knows nothing of our pins: it would remove everything.
    helia.gc = async (gc = {}) => {
      await collect(AbortSignal.any([ended.signal, ...(gc.signal ? [gc.signal] : [])]));
    };
    await helia.start();
    isRunning = true;
    if (!state.isClean) {
      const running = takeCensus({ blocks, space, signal: ended.signal, log });
      counting = running.catch((error) => log.error({ error }, 'counting the blocks failed'));
    }
    flushTimer = setInterval(() => {
      if (blocks.unsynced === 0) return;
      sync().catch((error) => log.error({ error }, 'flushing blocks failed; it is tried again'));
    }, FLUSH_EVERY_MS);
    flushTimer.unref();
  }

  async function stop(): Promise<void> {
    ended.abort();
    clearInterval(flushTimer);
    await counting;
    if (!isRunning) return;
    isRunning = false;
    await helia.stop();
    const flushedAt = Date.now();
    await blocks.sync();
    // A count that was cut short is taken again at the next start.
    await saveStoreState(db, { bytes: space.used, flushedAt, isClean: !space.isCounting });
  }

  return {
    name: 'content',
    helia,
    start,
    stop,

    addFile: (path, { signal } = {}) => storeFile(path, put, signal),
    addBytes: (bytes) => storeBytes(bytes, put),
    async addBlock(dagCbor) {
      if (dagCbor.byteLength > MAX_BLOCK_BYTES) {
        throw new HeliographError('too-large', `a block of ${dagCbor.byteLength} bytes passes 1 MiB`);
      }
      return blocks.put(cidOf(DAG_CBOR, sha256(dagCbor)), dagCbor);
    },
    addFolder: (entries) => folders.add(entries),

    getBlock: (cid, wanted = {}) => getBlock(cid, wanted, wanted.allocate),
    hasBlock: (cid) => blocks.has(cid),
    hasFile: (cid) => reader.hasFile(cid),
    stat: (cid) => reader.stat(cid),
    readFile: (cid, wanted = {}) => reader.read(cid, wanted),
    streamFile: (cid, wanted = {}) => reader.stream(cid, wanted),
    resolve: (cid, path, wanted = {}) => folders.resolve(cid, path, wanted),
    fetchFile: (ref: FileRef, { signal, providers } = {}) =>
      fetchWholeFile(ref, { getBlock, blocks, signal, fetch: providers ?? true }),

    pin: (root, wanted = {}) =>
      lease.hold(async () => {
        await complete(root, wanted);
        await sync();
        await pins.add(root);
      }),
    unpin: (root) => pins.remove(root),
    isPinned: (root) => pins.has(root),
    pins: () => pins.all(),
    makeRoom: (bytes, { signal } = {}) => makeRoom(bytes, signal),
    hold: (work) => lease.hold(work),
    collect: ({ signal } = {}) => collect(signal ? AbortSignal.any([signal, ended.signal]) : ended.signal),

    diskUsed: () => space.used,
    diskFree: () => space.room(),
    sync,
  };
}

function passesLimit(root: CID, limit: number): HeliographError {
  return new HeliographError(
    'too-large',
    `what is missing below ${root} passes ${limit} bytes; it is not pinned`,
  );
}
