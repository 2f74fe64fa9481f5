/** Files held whole in memory: the newest used stay, one read serves all who wait for it, and slow readers are counted. */
import { HeliographError } from '../errors.ts';

/** One file in memory. `head` is room for headers that are made once for it. */
export interface HotSegment {
  readonly cid: string;
  readonly bytes: Buffer;
  head: string[] | null;
  /** Responses that still hold these bytes. */
  readers: number;
  cached: boolean;
}

export interface HotSegmentsOptions {
  /** Bytes kept for whoever asks next; 0 keeps nothing. */
  capacity: number;
  /** Bytes that may be in memory for slow readers only, or on their way from disk; beyond it reads are refused. */
  heldLimit: number;
}

/** A file above this share of the cache would push too many others out. */
const LARGEST_SHARE = 4;

export function createHotSegments({ capacity, heldLimit }: HotSegmentsOptions) {
  /** In order of use, oldest first. */
  const cached = new Map<string, HotSegment>();
  const reading = new Map<string, Promise<HotSegment>>();
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
  }

  async function readOnce(cid: string, size: number, load: () => Promise<Uint8Array>): Promise<HotSegment> {
    heldBytes += size;
    try {
      const bytes = await load();
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const segment: HotSegment = { cid, bytes: buffer, head: null, readers: 0, cached: false };
      keep(segment);
      return segment;
    } finally {
      heldBytes -= size;
      reading.delete(cid);
    }
  }

  return {
    get(cid: string): HotSegment | undefined {
      const segment = cached.get(cid);
      if (segment === undefined) return undefined;
      counts.hits += 1;
      cached.delete(cid);
      cached.set(cid, segment);
      return segment;
    },

    /**
     * The file from memory, else by `load`, which runs once however many ask meanwhile. `size` is what the read is
     * expected to bring. Throws `unavailable` when slow readers hold too much already.
     */
    read(cid: string, size: number, load: () => Promise<Uint8Array>): Promise<HotSegment> {
      const hot = this.get(cid);
      if (hot !== undefined) return Promise.resolve(hot);
      const underWay = reading.get(cid);
      if (underWay !== undefined) return underWay;
      this.refuseBeyondLimit(size);
      counts.misses += 1;
      const read = readOnce(cid, size, load);
      reading.set(cid, read);
      return read;
    },

    /** Says that a response holds these bytes until the returned function is called (once). */
    lease(segment: HotSegment): () => void {
      segment.readers += 1;
      if (segment.readers === 1 && !segment.cached) heldBytes += segment.bytes.byteLength;
      return () => {
        segment.readers -= 1;
        if (segment.readers === 0 && !segment.cached) heldBytes -= segment.bytes.byteLength;
      };
    },

    /** The same for bytes that are not one segment, such as the window of a stream. */
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
    counts: () => ({ ...counts, files: cached.size, bytes: cachedBytes, held: heldBytes }),
  };
}

export type HotSegments = ReturnType<typeof createHotSegments>;
