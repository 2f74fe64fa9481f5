/** Many may store and pin at one time, or one may collect: never both. */

/**
 * A read-write lock that prefers holders: a `hold` inside another never waits for a collection that waits for the
 * outer one, so nesting cannot lock up. The price: collection waits as long as holds overlap.
 */
export class Lease {
  #holders = 0;
  #alone: Promise<void> | null = null;
  #free = Promise.withResolvers<void>();

  async hold<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== null) await this.#alone;
    this.#holders++;
    try {
      return await work();
    } finally {
      this.#holders--;
      if (this.#holders === 0) {
        this.#free.resolve();
        this.#free = Promise.withResolvers();
      }
    }
  }

  /** Runs `work` while nobody holds; rejects with the signal's reason when it aborts before the turn comes. */
  async exclusively<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const aborted = Promise.withResolvers<never>();
    aborted.promise.catch(() => {});
    const onAbort = () => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (this.#alone !== null || this.#holders > 0) {
        signal.throwIfAborted();
        await Promise.race([this.#alone ?? this.#free.promise, aborted.promise]);
      }
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    const done = Promise.withResolvers<void>();
    this.#alone = done.promise;
    try {
      return await work();
    } finally {
      this.#alone = null;
      done.resolve();
    }
  }
}
