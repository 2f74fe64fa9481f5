/** Files held whole in memory: the newest used stay, one read serves all who wait for it, and slow readers are counted. */
import { HeliographError } from '../errors.ts';
import { createBufferPool } from './buffer-pool.ts';

/** One file in memory, for as long as whoever got it has not released it. */
export interface HotSegment {
  readonly cid: string;
  readonly bytes: Buffer;
  /** Room for headers that are made once for it. */
  head: string[] | null;
  /** Who got it and has not released it. */
  readers: number;
  cached: boolean;
  /** Its memory is ours to use again. */
  readonly pooled: boolean;
}

/** Brings the bytes; those put into memory from `allocate` are not to be looked at once they are handed over. */
export type Load = (allocate: (bytes: number) => Buffer) => Promise<Uint8Array>;

export interface HotSegmentsOptions {
  /** Bytes kept for whoever asks next; 0 keeps nothing. */
  capacity: number;
  /** Bytes that may be in memory for slow readers only, or on their way from disk; beyond it reads are refused. */
  heldLimit: number;
}

interface Reading {
  result: Promise<HotSegment>;
  waiters: number;
}

/** A file above this share of the cache would push too many others out. */
const LARGEST_SHARE = 4;
const POOL_BYTES = 32 * 1024 * 1024;

export function createHotSegments({ capacity, heldLimit }: HotSegmentsOptions) {
  /** In order of use, oldest first. */
  const cached = new Map<string, HotSegment>();
  const reading = new Map<string, Reading>();
  const pool = createBufferPool({ capacity: POOL_BYTES });
  let cachedBytes = 0;
  let heldBytes = 0;
  const counts = { hits: 0, misses: 0, refused: 0 };

  function keep(segment: HotSegment): void {
    if (segment.bytes.byteLength > capacity / LARGEST_SHARE) return;
    segment.cached = true;
    cached.set(segment.cid, segment);
    cachedBytes += segment.bytes.byteLength;
    for (const oldest of cached.values()) {
      if (cachedBytes <= capacity) break;
      drop(oldest);
    }
  }

  function drop(segment: HotSegment): void {
    cached.delete(segment.cid);
    segment.cached = false;
    cachedBytes -= segment.bytes.byteLength;
    if (segment.readers > 0) heldBytes += segment.bytes.byteLength;
    else recycle(segment);
  }

  function recycle(segment: HotSegment): void {
    if (segment.pooled) pool.give(segment.bytes);
  }

  async function readOnce(cid: string, size: number, load: Load, waiting: Reading): Promise<HotSegment> {
    heldBytes += size;
    let taken: Buffer | undefined;
    const allocate = (bytes: number) => {
      taken = pool.take(bytes);
      return taken;
    };
    try {
      const loaded = await load(allocate);
      const pooled = taken !== undefined && loaded.buffer === taken.buffer;
      if (taken !== undefined && !pooled) pool.give(taken);
      const bytes = Buffer.from(loaded.buffer, loaded.byteOffset, loaded.byteLength);
      // Every waiter's hold begins before any of them goes on, so that none can end it for the others.
      const readers = waiting.waiters;
      const segment: HotSegment = { cid, bytes, head: null, readers, cached: false, pooled };
      keep(segment);
      if (!segment.cached) heldBytes += bytes.byteLength;
      return segment;
    } finally {
      heldBytes -= size;
      reading.delete(cid);
    }
  }

  return {
    /** The file if it is in memory; whoever gets it releases it. */
    get(cid: string): HotSegment | undefined {
      const segment = cached.get(cid);
      if (segment === undefined) return undefined;
      counts.hits += 1;
      cached.delete(cid);
      cached.set(cid, segment);
      segment.readers += 1;
      return segment;
    },

    /**
     * The file from memory, else by `load`, which runs once however many ask meanwhile. `size` is what the read is
     * expected to bring. Whoever gets it releases it. Throws `unavailable` when slow readers hold too much already.
     */
    read(cid: string, size: number, load: Load): Promise<HotSegment> {
      const hot = this.get(cid);
      if (hot !== undefined) return Promise.resolve(hot);
      const underWay = reading.get(cid);
      if (underWay !== undefined) {
        underWay.waiters += 1;
        return underWay.result;
      }
      this.refuseBeyondLimit(size);
      counts.misses += 1;
      const waiting = { waiters: 1 } as Reading;
      reading.set(cid, waiting);
      waiting.result = readOnce(cid, size, load, waiting);
      return waiting.result;
    },

    /** Ends one hold. Its bytes may be another file's at once. */
    release(segment: HotSegment): void {
      segment.readers -= 1;
      if (segment.readers > 0 || segment.cached) return;
      heldBytes -= segment.bytes.byteLength;
      recycle(segment);
    },

    /** Counts bytes as held that are not one segment, such as the window of a stream, until the function is called. */
    hold(bytes: number): () => void {
      this.refuseBeyondLimit(bytes);
      heldBytes += bytes;
      return () => {
        heldBytes -= bytes;
      };
    },

    refuseBeyondLimit(size: number): void {
      if (heldBytes + size <= heldLimit || heldBytes === 0) return;
      counts.refused += 1;
      throw new HeliographError('unavailable', 'too many slow readers at present: ask again in a moment');
    },

    /** Whether half of what slow readers may hold is held. */
    pressed: () => heldBytes > heldLimit / 2,
    counts: () => ({
      ...counts,
      files: cached.size,
      bytes: cachedBytes,
      held: heldBytes,
      idle: pool.idleBytes(),
    }),
  };
}

export type HotSegments = ReturnType<typeof createHotSegments>;
