/** How often each key may do something within a sliding window. */

export interface Quota {
  /** Counts one more for this key; false, and not counted, when it has used up its share. */
  take(key: string): boolean;
}

/** `now` in milliseconds. Keys whose window has passed are forgotten. */
export function createQuota(options: { perKey: number; windowMs: number; now: () => number }): Quota {
  const { perKey, windowMs, now } = options;
  const taken = new Map<string, number[]>();

  return {
    take(key) {
      const from = now() - windowMs;
      for (const [other, times] of taken) if ((times.at(-1) ?? 0) <= from) taken.delete(other);
      const recent = (taken.get(key) ?? []).filter((time) => time > from);
      if (recent.length >= perKey) return false;
      taken.set(key, [...recent, now()]);
      return true;
    },
  };
}
