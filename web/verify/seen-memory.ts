/** Remembers, in this browser, how new each channel was and who mirrors it: a gateway that turns the clock back is noticed. */

import { MOST_MIRRORS } from './choose-mirrors.ts';

/** The part of `Storage` that is needed. */
export type Memory = Pick<Storage, 'getItem' | 'setItem'>;

const SEEN = 'heliograph.seen.';
const MIRRORS = 'heliograph.mirrors.';
const WORKING = 'heliograph.working.';

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
    return this.#bases(`${MIRRORS}${channel}`);
  }

  rememberMirrors(channel: string, bases: readonly string[]): void {
    if (bases.length > 0) this.#write(`${MIRRORS}${channel}`, bases.slice(0, MOST_MIRRORS));
  }

  /** Of the mirrors met earlier those that gave something true, the latest first. */
  working(channel: string): string[] {
    return this.#bases(`${WORKING}${channel}`);
  }

  rememberWorking(channel: string, base: string): void {
    const known = this.working(channel);
    if (known[0] === base) return;
    const others = known.filter((other) => other !== base);
    this.#write(`${WORKING}${channel}`, [base, ...others].slice(0, MOST_MIRRORS));
  }

  /** A mirror that gave no answer keeps no place before others. */
  forgetWorking(channel: string, base: string): void {
    const known = this.working(channel);
    if (known.includes(base))
      this.#write(
        `${WORKING}${channel}`,
        known.filter((other) => other !== base),
      );
  }

  #bases(key: string): string[] {
    const bases = this.#read(key);
    return Array.isArray(bases) ? bases.filter((base) => URL.canParse(base)) : [];
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
