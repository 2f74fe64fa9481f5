import { describe, expect, it } from 'vitest';
import { cborCid } from '../../../protocol/cid.ts';
import { CHUNK_BYTES } from '../../../protocol/constants.ts';
import type { Rendition } from '../../../protocol/manifest.ts';
import { segmentCid } from '../../../protocol/segment.ts';
import { SegmentCheck } from '../../../web/player/segment-check.ts';
import { SegmentIndex } from '../../../web/player/segment-index.ts';
import { sha256 } from '../../../web/verify/sha256.ts';

const rendition = { id: 'v240', kind: 'video' } as Rendition;

function pattern(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map((_, index) => (index * 7) % 253);
}

async function checkOf(...segments: Uint8Array[]) {
  const index = new SegmentIndex(cborCid(Uint8Array.of(1)).toString());
  const list = await Promise.all(
    segments.map(async (bytes) => [await segmentCid(bytes, sha256), bytes.byteLength, 2000] as const),
  );
  const uris = index.add(rendition, { v: 1, init: null, segments: list.map((entry) => [...entry]) });
  return { check: new SegmentCheck(index, sha256), url: uris.segment };
}

describe.each([
  ['a segment of one block', 70_000],
  ['a segment of several blocks', CHUNK_BYTES + 70_000],
])('%s', (_, length) => {
  const good = pattern(length);

  it('is true as it was signed, by a strict true', async () => {
    const { check, url } = await checkOf(good);
    expect(await check.isTrue(url(0), good.buffer)).toBe(true);
    expect(await check.isTrue(url(0), good.buffer)).toBe(true);
  });

  it.each([0, 35_000, 69_999])('is refused with the byte at %i flipped, by a strict false', async (at) => {
    const { check, url } = await checkOf(good);
    const bad = good.slice();
    bad[at] = (bad[at] ?? 0) ^ 1;
    expect(await check.isTrue(url(0), bad.buffer)).toBe(false);
  });

  it('is refused truncated, empty and prolonged', async () => {
    const { check, url } = await checkOf(good);
    for (const bad of [good.slice(0, -1), new Uint8Array(), new Uint8Array([...good.slice(0, 100), 0])]) {
      expect(await check.isTrue(url(0), bad.buffer)).toBe(false);
    }
  });
});

it('refuses true bytes of another segment, of no segment, and of an address it never gave', async () => {
  const [one, two] = [pattern(1000), pattern(1001)];
  const { check, url } = await checkOf(one, two);
  expect(await check.isTrue(url(1), one.buffer)).toBe(false);
  expect(await check.isTrue(url(2), one.buffer)).toBe(false);
  expect(await check.isTrue('http://127.0.0.1/ipfs/x', one.buffer)).toBe(false);
  // Once found true for one address they are still not true for another.
  expect(await check.isTrue(url(0), one.buffer)).toBe(true);
  expect(await check.isTrue(url(1), one.buffer)).toBe(false);
});

it('tells two segments with the same bytes apart by address', async () => {
  const { check, url } = await checkOf(pattern(500), pattern(500));
  expect(url(0)).not.toBe(url(1));
  expect(await check.isTrue(url(1), pattern(500).buffer)).toBe(true);
});
