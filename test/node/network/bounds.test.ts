import { encode } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoff } from '../../../node/network/backoff.ts';
import { hasFewItems } from '../../../node/network/cbor-items.ts';
import { createPullQueue } from '../../../node/network/pull-queue.ts';
import { createQuota } from '../../../node/network/quota.ts';
import { createStanding } from '../../../node/network/standing.ts';

test('waits grow to a minute, spread over half of it', () => {
  const least = [1, 2, 3, 7, 50].map((failures) => backoff(failures, 0));
  expect(least).toEqual([500, 1000, 2000, 30_000, 30_000]);
  expect(backoff(50, 1)).toBe(60_000);
});

test('a peer is shunned by its second strike, for ten minutes, and one strike is forgotten', () => {
  let now = 1_000_000;
  const standing = createStanding(() => now);
  standing.strike('bad');
  expect(standing.shunned('bad')).toBe(false);
  now += 10 * 60_000 + 1;
  standing.strike('bad');
  expect(standing.shunned('bad')).toBe(false);
  standing.strike('bad');
  expect([standing.shunned('bad'), standing.shunned('good')]).toEqual([true, false]);
  now += 10 * 60_000;
  expect(standing.shunned('bad')).toBe(true);
  now += 1;
  expect(standing.shunned('bad')).toBe(false);
});

test('the allowance is used up by a burst and comes back with time', () => {
  let now = 0;
  const standing = createStanding(() => now);
  const taken = () => Array.from({ length: 1000 }, () => standing.allow('peer')).filter(Boolean).length;
  expect(taken()).toBe(400);
  now += 1000;
  expect(taken()).toBe(40);
  expect(standing.allow('another')).toBe(true);
});

test('a crowd of peers is forgotten from the longest unheard on', () => {
  const standing = createStanding(() => 0);
  for (const peer of ['first', 'kept']) for (let i = 0; i < 2; i++) standing.strike(peer);
  for (let i = 0; i < 5000; i++) {
    standing.allow(`peer ${i}`);
    standing.allow('kept');
  }
  expect([standing.shunned('first'), standing.shunned('kept')]).toEqual([false, true]);
});

test('a quota slides, and forgets keys whose window has passed', () => {
  let now = 0;
  const quota = createQuota({ perKey: 2, windowMs: 100, now: () => now });
  const take = (at: number) => {
    now = at;
    return quota.take('a');
  };
  expect([0, 50, 99, 100, 149, 150].map(take)).toEqual([true, true, false, true, false, true]);
  expect(quota.take('b')).toBe(true);
});

test('a queue runs few at a time, joins who waits and runs again for who came during the run', async () => {
  const gates = new Map<string, () => void>();
  const runs: string[] = [];
  const queue = createPullQueue(2, async (key) => {
    runs.push(key);
    await new Promise<void>((resolve) => gates.set(key, resolve));
  });
  const a = queue.request('a');
  const [, c, alsoC] = [queue.request('b'), queue.request('c'), queue.request('c')];
  const again = queue.request('a');
  expect(runs).toEqual(['a', 'b']);
  gates.get('a')?.();
  await a;
  expect(runs).toEqual(['a', 'b', 'c']);
  gates.get('c')?.();
  await Promise.all([c, alsoC]);
  expect(runs).toEqual(['a', 'b', 'c', 'a']);
  gates.get('a')?.();
  await again;
  const b = queue.drain();
  gates.get('b')?.();
  await b;
  expect(runs).toHaveLength(4);
});

test('CBOR items are counted as they are decoded', () => {
  const count = (value: unknown): number => {
    if (Array.isArray(value)) return 1 + value.reduce((sum: number, one) => sum + count(one), 0);
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return 1;
    return 1 + Object.values(value).reduce((sum: number, one) => sum + 1 + count(one), 0);
  };
  const leaf = fc.oneof(
    fc.maxSafeInteger(),
    fc.string(),
    fc.uint8Array(),
    fc.boolean(),
    fc.constant(null),
    fc.constant(1.5),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('any')),
      fc.dictionary(fc.string(), tie('any'), { noNullPrototype: true }),
    ),
  })).any;
  fc.assert(
    fc.property(value, (one) => {
      const bytes = encode(one);
      expect(hasFewItems(bytes, count(one))).toBe(true);
      expect(hasFewItems(bytes, count(one) - 1)).toBe(false);
    }),
  );
});

test('what can be no CBOR, or has very many items, is told in a moment', () => {
  const since = performance.now();
  for (const filler of [0x80, 0xa0, 0x00, 0x40, 0x5f, 0x9b, 0xff, 0x1c])
    expect(hasFewItems(new Uint8Array(1024 * 1024).fill(filler), 4112)).toBe(false);
  expect(performance.now() - since).toBeLessThan(50);
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void hasFewItems(bytes, 100)));
});
