/** How long to wait before the next attempt at something that failed. */

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * Milliseconds to wait after `failures` failures in a row (1 or more): doubling to a minute, spread over half of it
 * by `random` (0 to 1) so that nodes which lost the same peer don't return as one.
 */
export function backoff(failures: number, random: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 16));
  return whole / 2 + (whole / 2) * random;
}
