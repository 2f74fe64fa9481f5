/** Remembers, in this browser, how new each channel was and who mirrors it: a gateway that turns the clock back is noticed. */

/** The part of `Storage` that is needed. */
export type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const SEEN = 'heliograph.seen.';
const MIRRORS = 'heliograph.mirrors.';
const MAX_MIRRORS = 8;

export class SeenMemory {
  readonly #memory: Memory;

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Highest seq by record key; empty when the channel is new here or the memory is damaged. */
  seen(channel: string): Map<string, number> {
    const entries = Object.entries(this.#read(`${SEEN}${channel}`) ?? {});
    return new Map(entries.filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1])));
  }

  rememberSeen(channel: string, seen: ReadonlyMap<string, number>): void {
    this.#write(`${SEEN}${channel}`, Object.fromEntries(seen));
  }

  /** HTTP bases of mirrors met earlier, so that a channel opens when its gateway is gone or lies. */
  mirrors(channel: string): string[] {
    const bases = this.#read(`${MIRRORS}${channel}`);
    return Array.isArray(bases) ? bases.filter((base) => typeof base === 'string') : [];
  }

  rememberMirrors(channel: string, bases: readonly string[]): void {
    if (bases.length > 0) this.#write(`${MIRRORS}${channel}`, bases.slice(0, MAX_MIRRORS));
  }

  #read(key: string): object | null {
    try {
      const value: unknown = JSON.parse(this.#memory.getItem(key) ?? 'null');
      return typeof value === 'object' ? value : null;
    } catch {
      return null;
    }
  }

  #write(key: string, value: unknown): void {
    try {
      this.#memory.setItem(key, JSON.stringify(value));
    } catch {
      // A full or forbidden storage costs the memory, not the evening.
    }
  }
}
