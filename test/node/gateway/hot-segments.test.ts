import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createHotSegments, type HotSegment } from '../../../node/gateway/hot-segments.ts';

const bytes = (size: number) => new Uint8Array(size);
const load = (size: number) => async () => bytes(size);

describe('hot segments', () => {
  test('one read serves all who ask meanwhile', async () => {
    const hot = createHotSegments({ capacity: 0, heldLimit: 1000 });
    const arrived = Promise.withResolvers<Uint8Array>();
    let reads = 0;
    const read = () => {
      reads += 1;
      return arrived.promise;
    };
    const all = [1, 2, 3].map(() => hot.read('a', 10, read));
    arrived.resolve(bytes(10));
    const segments = await Promise.all(all);
    expect(reads).toBe(1);
    expect(new Set(segments).size).toBe(1);
    expect(hot.get('a')).toBeUndefined();
    expect(hot.counts().held).toBe(10);
    for (const segment of segments) hot.release(segment);
    expect(hot.counts().held).toBe(0);
  });

  test('the least recently used goes when there is no room', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    for (const cid of ['a', 'b', 'c', 'd']) hot.release(await hot.read(cid, 100, load(100)));
    const again = hot.get('a');
    if (again) hot.release(again);
    hot.release(await hot.read('e', 100, load(100)));
    expect(['a', 'b', 'c', 'd', 'e'].filter((cid) => hot.get(cid))).toEqual(['a', 'c', 'd', 'e']);
    expect(hot.counts().bytes).toBe(400);
  });

  test('a file too large for its share is served and not kept', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    expect((await hot.read('a', 101, load(101))).bytes.byteLength).toBe(101);
    expect(hot.get('a')).toBeUndefined();
  });

  test('a read that fails is forgotten', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    await expect(hot.read('a', 10, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    hot.release(await hot.read('a', 10, load(10)));
    expect(hot.counts().held).toBe(0);
  });

  test('what only slow readers hold is bounded, and counted to the byte', async () => {
    const hot = createHotSegments({ capacity: 0, heldLimit: 250 });
    const held = [];
    for (const cid of ['a', 'b']) held.push(await hot.read(cid, 100, load(100)));
    expect(hot.counts().held).toBe(200);
    expect(hot.pressed()).toBe(true);
    expect(() => hot.read('c', 100, load(100))).toThrow(/slow readers/);
    for (const segment of held) hot.release(segment);
    expect(hot.counts().held).toBe(0);
    await hot.read('c', 100, load(100));
  });

  test('a segment that leaves the cache while it is read counts as held until the reader is done', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    const slow = await hot.read('a', 100, load(100));
    expect(hot.counts().held).toBe(0);
    for (const cid of ['b', 'c', 'd', 'e']) hot.release(await hot.read(cid, 100, load(100)));
    expect(hot.counts().held).toBe(100);
    hot.release(slow);
    expect(hot.counts().held).toBe(0);
  });

  test('memory is used again, and never while anybody looks at it', async () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
    const steps = fc.array(
      fc.record({ cid: name, together: fc.integer({ min: 1, max: 3 }), release: fc.nat() }),
      {
        minLength: 20,
        maxLength: 80,
      },
    );
    const again = { used: 0 };
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 400_000), async (all, capacity) => {
        const hot = createHotSegments({ capacity, heldLimit: 1e9 });
        const met = new Set<ArrayBufferLike>();
        const write = (cid: string) => async (allocate: (bytes: number) => Buffer) => {
          const memory = allocate(90_000);
          if (met.has(memory.buffer)) again.used += 1;
          met.add(memory.buffer);
          await Promise.resolve();
          return memory.fill(cid);
        };
        const held: HotSegment[] = [];
        for (const { cid, together, release } of all) {
          const reads = Array.from({ length: together }, () => hot.read(cid, 90_000, write(cid)));
          held.push(...(await Promise.all(reads)));
          for (const { cid, bytes } of held) {
            expect([bytes[0], bytes.at(-1)]).toEqual([cid.charCodeAt(0), cid.charCodeAt(0)]);
          }
          while (held.length > release % 8) {
            for (const segment of held.splice(release % held.length, 1)) hot.release(segment);
          }
        }
        for (const segment of held) hot.release(segment);
        expect(hot.counts().held).toBe(0);
      }),
    );
    expect(again.used).toBeGreaterThan(20);
  });

  test('a failed read’s memory may still be written to, so it is not used again', async () => {
    const hot = createHotSegments({ capacity: 0, heldLimit: 1e9 });
    let first: Buffer | undefined;
    const failing = async (allocate: (bytes: number) => Buffer) => {
      first = allocate(1_000);
      throw new Error('no');
    };
    await expect(hot.read('a', 1_000, failing)).rejects.toThrow('no');
    const next = await hot.read('b', 1_000, async (allocate) => allocate(1_000));
    expect(next.bytes.buffer).not.toBe(first?.buffer);
  });
});
