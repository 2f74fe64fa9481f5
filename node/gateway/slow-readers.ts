/** Which connections take what they asked for so slowly that they only hold memory. */

/** One connection as seen at a sweep. */
export interface Reading {
  /** Bytes that wait to be taken. */
  waiting: number;
  /** Since when just so many wait, milliseconds. */
  since: number;
}

export interface Patience {
  /** Nobody is dropped earlier than this, milliseconds. */
  graceMs: number;
  /** Bytes a second that a reader must take after that. */
  minRate: number;
}

/** Enough for a thin mobile link: it would be a useless viewer at any rate below. */
export const usualPatience: Patience = { graceMs: 10_000, minRate: 16 * 1024 };
/** While slow readers fill what memory there is for them, only those who could watch are waited for. */
export const shortPatience: Patience = { graceMs: 2_000, minRate: 192 * 1024 };

export function isSlowReader(reading: Reading, now: number, patience: Patience): boolean {
  if (reading.waiting === 0) return false;
  return now - reading.since > patience.graceMs + (reading.waiting / patience.minRate) * 1000;
}

/** What is known of a connection after another look at it. */
export function lookAgain(before: Reading | undefined, waiting: number, now: number): Reading {
  return before?.waiting === waiting ? before : { waiting, since: now };
}
