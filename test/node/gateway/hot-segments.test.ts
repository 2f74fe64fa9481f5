import { describe, expect, test } from 'vitest';
import { createHotSegments } from '../../../node/gateway/hot-segments.ts';

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
    expect(hot.counts().held).toBe(0);
  });

  test('the least recently used goes when there is no room', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    for (const cid of ['a', 'b', 'c', 'd']) await hot.read(cid, 100, load(100));
    hot.get('a');
    await hot.read('e', 100, load(100));
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
    expect((await hot.read('a', 10, load(10))).bytes.byteLength).toBe(10);
    expect(hot.counts().held).toBe(0);
  });

  test('what only slow readers hold is bounded, and counted to the byte', async () => {
    const hot = createHotSegments({ capacity: 0, heldLimit: 250 });
    const releases = [];
    for (const cid of ['a', 'b']) {
      const segment = await hot.read(cid, 100, load(100));
      releases.push(hot.lease(segment), hot.lease(segment));
    }
    expect(hot.counts().held).toBe(200);
    expect(hot.pressed()).toBe(true);
    expect(() => hot.read('c', 100, load(100))).toThrow(/slow readers/);
    for (const release of releases) release();
    expect(hot.counts().held).toBe(0);
    await hot.read('c', 100, load(100));
  });

  test('a segment that leaves the cache while it is read counts as held until the reader is done', async () => {
    const hot = createHotSegments({ capacity: 400, heldLimit: 1000 });
    const release = hot.lease(await hot.read('a', 100, load(100)));
    expect(hot.counts().held).toBe(0);
    for (const cid of ['b', 'c', 'd', 'e']) await hot.read(cid, 100, load(100));
    expect(hot.counts().held).toBe(100);
    release();
    expect(hot.counts().held).toBe(0);
  });
});
