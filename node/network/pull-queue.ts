/** Runs one job for each key, few at a time, and never more than one waiting for the same key. */

export interface PullQueue {
  /**
   * Runs the job for this key when a place is free; resolves when it has run. A key that already waits is joined;
   * one that already runs is run again afterwards, since what it would see may have changed.
   */
  request(key: string): Promise<void>;
  /** Forgets what waits and resolves when what runs has ended. */
  drain(): Promise<void>;
}

/** `run` must not reject. */
export function createPullQueue(parallel: number, run: (key: string) => Promise<void>): PullQueue {
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const running = new Map<string, Promise<void>>();

  function advance(): void {
    for (const [key, done] of waiting) {
      if (running.size >= parallel) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      const job = run(key).finally(() => {
        running.delete(key);
        done.resolve();
        advance();
      });
      running.set(key, job);
    }
  }

  return {
    request(key) {
      const joined = waiting.get(key) ?? Promise.withResolvers<void>();
      waiting.set(key, joined);
      advance();
      return joined.promise;
    },
    async drain() {
      for (const done of waiting.values()) done.resolve();
      waiting.clear();
      await Promise.all(running.values());
    },
  };
}
