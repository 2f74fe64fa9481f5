/** A loop that works when prodded, rests until the next prod, and tries again after a while when its work failed. */
import { type Log, scoped } from '../log.ts';

export interface WakefulLoop {
  start(): void;
  /** Ends the work under way by its signal; resolves when nothing of it runs. */
  stop(): Promise<void>;
  /** There is something new: another pass follows the one under way. */
  prod(): void;
  /** Whether it was prodded since the pass under way began. */
  prodded(): boolean;
}

export function createWakefulLoop(options: {
  /** One pass; true when something failed and should be tried again. */
  pass: (signal: AbortSignal) => Promise<boolean>;
  /** Rest before trying again, in milliseconds. */
  retryMs: number;
  log: Log;
}): WakefulLoop {
  const log = scoped(options.log, 'node/mirror/wakeful-loop');
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let wake: () => void = () => {};
  let woken = false;

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      woken = false;
      const again = await options.pass(signal).catch((error) => {
        if (!signal.aborted) log.error({ error }, 'a pass failed');
        return true;
      });
      if (!signal.aborted && !woken) await rest(again ? options.retryMs : null, signal);
    }
  }

  /** Waits for a prod, the time given, or the end. */
  function rest(milliseconds: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? undefined : setTimeout(done, milliseconds);
      function done() {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
      wake = done;
    });
  }

  return {
    start() {
      stopping = new AbortController();
      running = run(stopping.signal);
    },
    async stop() {
      stopping.abort();
      await running;
    },
    prod() {
      woken = true;
      wake();
    },
    prodded: () => woken,
  };
}
