/** How often one address may do something: a bucket that fills at a steady rate. Time is an argument. */

export interface QuotaOptions {
  /** Tokens a second. */
  rate: number;
  /** Tokens that a full bucket has. */
  burst: number;
}

export function createQuota({ rate, burst }: QuotaOptions) {
  const buckets = new Map<string, { tokens: number; at: number }>();

  return {
    /** Takes one token of this address; false when there is none. `now` in milliseconds, never going back. */
    take(address: string, now: number): boolean {
      const bucket = buckets.get(address) ?? { tokens: burst, at: now };
      bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
      bucket.at = now;
      buckets.set(address, bucket);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },

    /** Forgets addresses whose bucket is full again. */
    sweep(now: number): void {
      for (const [address, { tokens, at }] of buckets) {
        if (tokens + ((now - at) / 1000) * rate >= burst) buckets.delete(address);
      }
    },

    size: () => buckets.size,
  };
}

export type Quota = ReturnType<typeof createQuota>;
