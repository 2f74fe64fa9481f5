/** How many bytes the blocks take, and whether there is room for more above the reserve. */
import { statfs } from 'node:fs/promises';
import { HeliographError } from '../errors.ts';

const MIB = 1024 * 1024;
/** A reading of the free space is believed for this long, so that a burst of small blocks asks once. */
const BELIEVED_MS = 500;

export class DiskSpace {
  readonly #dir: string;
  readonly #reserve: number;
  #used = 0;
  #estimate = 0;
  /** Shards that a census has yet to count; null outside of one. */
  #uncounted: Set<string> | null = null;
  #free = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(dir: string, reserveBytes: number) {
    this.#dir = dir;
    this.#reserve = reserveBytes;
  }

  /** Bytes of all blocks. While a census runs, the last known figure or what was counted, whichever is more. */
  get used(): number {
    return this.#uncounted === null ? this.#used : Math.max(this.#used, this.#estimate);
  }

  set used(bytes: number) {
    this.#used = bytes;
  }

  get isCounting(): boolean {
    return this.#uncounted !== null;
  }

  /** From now on these shards count only once `counted` says so. */
  beginCensus(shards: Iterable<string>): void {
    this.#estimate = this.#used;
    this.#used = 0;
    this.#uncounted = new Set(shards);
  }

  counted(shard: string, bytes: number): void {
    if (this.#uncounted?.delete(shard) === true) this.#used += bytes;
  }

  endCensus(): void {
    this.#uncounted = null;
  }

  /** A block of this shard came (bytes above 0) or went. */
  changed(shard: string, bytes: number): void {
    if (this.#uncounted?.has(shard) === true) return;
    this.#used += bytes;
    this.#free -= bytes;
  }

  /** Bytes that may still be stored. */
  async room(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#dir);
    this.#free = bavail * bsize;
    this.#readAt = performance.now();
    return Math.max(0, this.#free - this.#reserve);
  }

  /** Throws `disk-full` when these bytes would leave less than the reserve. */
  async admit(bytes: number): Promise<void> {
    const believed = performance.now() - this.#readAt < BELIEVED_MS;
    if (believed && this.#free - bytes >= this.#reserve) return;
    if ((await this.room()) < bytes) throw this.#full();
  }

  /** What a failed write is to the person who meets it: `disk-full` when the disk or the quota is, else itself. */
  async explain(error: unknown): Promise<unknown> {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
    await this.room();
    return this.#full(error);
  }

  #full(cause?: unknown): HeliographError {
    const whole = (bytes: number) => Math.floor(bytes / MIB);
    return new HeliographError(
      'disk-full',
      `the disk of ${this.#dir} is full: ${whole(this.#free)} MiB are free and ${whole(this.#reserve)} MiB are ` +
        'kept in reserve; make room, or lower disk.reserveMb',
      { cause },
    );
  }
}
