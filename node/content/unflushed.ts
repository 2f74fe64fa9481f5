/** Which block files are written but perhaps not yet on the disk, and putting them there. */
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { eachParallel } from './each-parallel.ts';

/** Files flushed at one time: more than the thread pool has threads, so that the disk's queue is never empty. */
const WIDTH = 16;

export interface Flushed {
  ctimeMs: number;
  size: number;
}

export class Unflushed {
  readonly #dir: string;
  readonly #onFlushed: (key: string, file: Flushed) => void;
  #files = new Set<string>();
  #hasNewFolder = false;
  #last: Promise<void> = Promise.resolve();

  /** `onFlushed` hears of every file (by its path below `dir`) that is on the disk, and what it was then. */
  constructor(dir: string, onFlushed: (key: string, file: Flushed) => void) {
    this.#dir = dir;
    this.#onFlushed = onFlushed;
  }

  get count(): number {
    return this.#files.size;
  }

  add(key: string): void {
    this.#files.add(key);
  }

  delete(key: string): void {
    this.#files.delete(key);
  }

  /** A folder was made in `dir`, whose own entry must last too. */
  addFolder(): void {
    this.#hasNewFolder = true;
  }

  /** Resolves when all that was added before is on the disk, directory entries included. */
  flush(): Promise<void> {
    // One after the other: what an earlier flush has taken on must be down too when a later one resolves.
    const run = this.#last.then(() => this.#flush());
    this.#last = run.catch(() => {});
    return run;
  }

  async #flush(): Promise<void> {
    const files = this.#files;
    const hasNewFolder = this.#hasNewFolder;
    this.#files = new Set();
    this.#hasNewFolder = false;
    try {
      await eachParallel(files, WIDTH, async (key) => {
        const flushed = await flushPath(join(this.#dir, key));
        if (flushed !== null) this.#onFlushed(key, flushed);
      });
      const folders = new Set([...files].map(dirname));
      await eachParallel(folders, WIDTH, async (folder) => {
        await flushPath(join(this.#dir, folder));
      });
      if (hasNewFolder) await flushPath(this.#dir);
    } catch (error) {
      for (const key of files) this.#files.add(key);
      this.#hasNewFolder ||= hasNewFolder;
      throw error;
    }
  }
}

async function flushPath(path: string): Promise<Flushed | null> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null; // Collected meanwhile: nothing is owed.
    throw error;
  });
  if (file === null) return null;
  try {
    await file.sync();
    const { ctimeMs, size } = await file.stat();
    return { ctimeMs, size };
  } finally {
    await file.close();
  }
}
