/** The bytes behind a CID: from memory, else the store, else, for what the catalogue names, the network in time. */
import type { CID } from 'multiformats/cid';
import { DAG_PB, RAW } from '../../protocol/cid.ts';
import { CHUNK_BYTES } from '../../protocol/constants.ts';
import type { Content, ContentStat } from '../content/content.ts';
import { HeliographError } from '../errors.ts';
import type { HotSegment, HotSegments } from './hot-segments.ts';

/** Files up to this many bytes are read whole and answered in one piece; longer ones are streamed. */
const WHOLE_BYTES = 8 * CHUNK_BYTES;
/** Chunks of a stream that may be in memory: one on its way out, one read ahead. */
const STREAM_WINDOW_BYTES = 2 * CHUNK_BYTES;
const LOCAL_TIMEOUT_MS = 15_000;
/** Reads that begin within this time of each other share a deadline: a timer for each would cost more than the read. */
const SHARED_DEADLINE_MS = 1_000;
const REMEMBERED = 10_000;
const IDENTITY = 0x00;

export type GatewayContent = Pick<Content, 'getBlock' | 'stat' | 'readFile' | 'streamFile' | 'resolve'>;

export type Opened =
  | { kind: 'whole'; segment: HotSegment }
  | { kind: 'long'; size: number; stream(offset: number, length: number): AsyncIterable<Uint8Array> }
  | { kind: 'directory' };

export interface BytesByCidOptions {
  content: GatewayContent;
  hot: HotSegments;
  /** Longest wait for the network, milliseconds. */
  fetchTimeoutMs: number;
}

/** `allowed`: whether the network may be asked for what is not here. */
export interface Reach {
  allowed: boolean;
}

export function createBytesByCid({ content, hot, fetchTimeoutMs }: BytesByCidOptions) {
  const counts = { fetched: 0, timeouts: 0 };
  const stats = new Map<string, ContentStat>();
  let deadline = { signal: AbortSignal.timeout(LOCAL_TIMEOUT_MS), madeAt: performance.now() };

  function localDeadline(): AbortSignal {
    const now = performance.now();
    if (now - deadline.madeAt > SHARED_DEADLINE_MS) {
      deadline = { signal: AbortSignal.timeout(LOCAL_TIMEOUT_MS), madeAt: now };
    }
    return deadline.signal;
  }

  /** Runs `work` on what is here; when that is not enough and it is allowed, again with the network. */
  async function reach<T>(
    cid: CID,
    { allowed }: Reach,
    work: (options: { signal: AbortSignal; fetch: boolean }) => Promise<T>,
    /** Takes what comes too late. */
    discard: (late: T) => void = () => {},
  ): Promise<T> {
    try {
      return await work({ signal: localDeadline(), fetch: false });
    } catch (error) {
      if (!isMissing(error)) throw error;
      if (!allowed) throw new HeliographError('not-found', `${cid} is not on this node`, { cause: error });
    }
    counts.fetched += 1;
    const signal = AbortSignal.timeout(fetchTimeoutMs);
    const working = work({ signal, fetch: true });
    try {
      return await Promise.race([working, rejectWhenAborted(signal)]);
    } catch (error) {
      if (!signal.aborted) throw error;
      working.then(discard, () => {});
      counts.timeouts += 1;
      const message = `${cid} was not found on the network within ${fetchTimeoutMs / 1000} s`;
      throw new HeliographError('timeout', message, { cause: error });
    }
  }

  function block(cid: CID, allowance: Reach): Promise<HotSegment> {
    const inline = cid.multihash.code === IDENTITY ? cid.multihash.digest : null;
    const key = cid.code === RAW ? cid.toString() : `${cid}.raw`;
    if (inline) return hot.read(key, inline.byteLength, async () => inline);
    return reach(
      cid,
      allowance,
      (options) => hot.read(key, CHUNK_BYTES, (allocate) => content.getBlock(cid, { ...options, allocate })),
      hot.release,
    );
  }

  async function statOf(cid: CID, options: { signal: AbortSignal; fetch: boolean }): Promise<ContentStat> {
    if (options.fetch) await content.getBlock(cid, options);
    return (await content.stat(cid)) ?? missing(cid);
  }

  /** What a CID is never changes; whether it is here is asked anew each time. */
  function remember(key: string, stat: ContentStat): void {
    stats.delete(key);
    stats.set(key, stat);
    const [oldest] = stats.keys();
    if (stats.size > REMEMBERED && oldest !== undefined) stats.delete(oldest);
  }

  async function openUnixFs(cid: CID, allowance: Reach): Promise<Opened> {
    const key = cid.toString();
    const cached = hot.get(key);
    if (cached !== undefined) return { kind: 'whole', segment: cached };
    const stat = stats.get(key) ?? (await reach(cid, allowance, (options) => statOf(cid, options)));
    remember(key, stat);
    if (stat.kind === 'directory') return { kind: 'directory' };
    if (stat.kind !== 'file') return { kind: 'whole', segment: await block(cid, allowance) };
    const { size } = stat;
    if (size <= WHOLE_BYTES) {
      const segment = await reach(
        cid,
        allowance,
        (options) => hot.read(key, size, (allocate) => content.readFile(cid, { ...options, allocate })),
        hot.release,
      );
      return { kind: 'whole', segment };
    }
    return { kind: 'long', size, stream: (offset, length) => stream(cid, offset, length, allowance) };
  }

  async function* stream(cid: CID, offset: number, length: number, { allowed }: Reach) {
    const release = hot.hold(STREAM_WINDOW_BYTES);
    try {
      yield* content.streamFile(cid, { offset, length, fetch: allowed });
    } finally {
      release();
    }
  }

  return {
    counts: () => ({ ...counts }),
    /** One block as it is, to be released. Throws `not-found`, `timeout` (network), `bad-block`, `unavailable`. */
    block,
    /** The same in memory of its own, for those who cannot say when they are done with it. */
    ownBlock: (cid: CID, allowance: Reach): Promise<Uint8Array> =>
      reach(cid, allowance, (options) => content.getBlock(cid, options)),
    /** A file, or that it is a directory; a block that is no UnixFS as itself. A segment is to be released. */
    open(cid: CID, allowance: Reach): Promise<Opened> {
      if (cid.code === DAG_PB) return openUnixFs(cid, allowance);
      return block(cid, allowance).then((segment) => ({ kind: 'whole', segment }));
    },
    /** What a path in a folder leads to. Throws `not-found` as well when the folder has no such entry. */
    async resolve(root: CID, path: string, allowance: Reach): Promise<CID> {
      const found = await reach(root, allowance, (options) => content.resolve(root, path, options));
      if (found === null) throw new HeliographError('not-found', `${root} has no entry of that path`);
      return found;
    },
  };
}

export type BytesByCid = ReturnType<typeof createBytesByCid>;

function isMissing(error: unknown): boolean {
  return error instanceof HeliographError && error.code === 'not-found';
}

function missing(cid: CID): never {
  throw new HeliographError('not-found', `${cid} is not on this node`);
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
