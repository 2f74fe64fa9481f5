/** Where a viewer left an item, kept in the browser, so that it goes on from there. */
import type { Memory } from '../verify/seen-memory.ts';

const PREFIX = 'heliograph.resume.';
/** Nearer to either end than this, an item starts from the beginning, in seconds. */
const EDGE_S = 15;

/** Seconds from which to go on; 0 from the start. */
export function readResume(memory: Memory, item: string): number {
  const at = Number(memory.getItem(PREFIX + item));
  return Number.isFinite(at) && at > 0 ? at : 0;
}

export function keepResume(
  memory: Memory & Pick<Storage, 'removeItem'>,
  item: string,
  at: number,
  duration: number,
) {
  if (at < EDGE_S || at > duration - EDGE_S) memory.removeItem(PREFIX + item);
  else memory.setItem(PREFIX + item, at.toFixed(1));
}
