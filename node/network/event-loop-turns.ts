/** Lets a long run of small steps give the event loop back in time, since awaiting what is ready doesn't. */
import { setImmediate as nextTurn } from 'node:timers/promises';

const TURN_MS = 15;

export interface Turns {
  /** Waits for the event loop's next turn when this one has lasted long enough. */
  yieldIfLong(): Promise<void>;
}

export function createTurns(): Turns {
  let since = performance.now();
  return {
    async yieldIfLong() {
      if (performance.now() - since < TURN_MS) return;
      await nextTurn();
      since = performance.now();
    },
  };
}
