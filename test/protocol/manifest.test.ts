import { expect, it } from 'vitest';
import { encodeCanonical } from '../../protocol/canonical.ts';
import { MAX_BLOCK_BYTES, MAX_SEGMENTS } from '../../protocol/constants.ts';
import {
  decodeManifest,
  decodeSegmentList,
  encodeManifest,
  encodeSegmentList,
  type SegmentList,
} from '../../protocol/manifest.ts';
import { manifest, videoList } from './sample-manifest.ts';

it('gives back what was encoded', () => {
  expect(decodeManifest(encodeManifest(manifest))).toEqual(manifest);
  expect(decodeSegmentList(encodeSegmentList(videoList))).toEqual(videoList);
});

it('keeps the longest segment list within one block', () => {
  const [segment] = videoList.segments;
  if (segment === undefined) throw new Error('the sample has no segment');
  const longest: SegmentList = { ...videoList, segments: Array(MAX_SEGMENTS).fill(segment) };
  expect(encodeSegmentList(longest).byteLength).toBeLessThan(MAX_BLOCK_BYTES);
  expect(() => encodeSegmentList({ ...longest, segments: [...longest.segments, segment] })).toThrow();
});

it('refuses manifests that are not exactly ours', () => {
  const [rendition] = manifest.renditions;
  const odd = [
    { ...manifest, v: 2 },
    { ...manifest, more: true },
    { ...manifest, renditions: [] },
    { ...manifest, renditions: [rendition, rendition] },
    { ...manifest, renditions: [{ ...rendition, id: '../x' }] },
    { ...manifest, renditions: [{ ...rendition, name: 'a"b' }] },
    { ...manifest, poster: { ...manifest.poster, size: 2 ** 40 } },
  ];
  for (const value of odd) expect(decodeManifest(encodeCanonical(value))).toBeNull();
  expect(decodeManifest(Uint8Array.of(0xff, 1))).toBeNull();
  expect(decodeSegmentList(encodeCanonical({ ...videoList, segments: [] }))).toBeNull();
});
