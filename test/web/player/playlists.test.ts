import { describe, expect, it } from 'vitest';
import { cborCid } from '../../../protocol/cid.ts';
import type { Manifest, Rendition, SegmentList } from '../../../protocol/manifest.ts';
import { Playlists, withoutCrumb } from '../../../web/player/playlists.ts';
import { SegmentIndex } from '../../../web/player/segment-index.ts';

const cid = (seed: number) => cborCid(Uint8Array.of(seed));
const video = {
  id: 'v240',
  kind: 'video',
  codecs: 'avc1.42c015',
  width: 426,
  height: 240,
  frameRate: '24',
  bandwidth: 400_000,
  averageBandwidth: 300_000,
  language: null,
  name: '240p',
  isDefault: true,
  channels: null,
  list: cid(1),
} satisfies Rendition;
const manifest: Manifest = {
  v: 1,
  durationMs: 4021,
  renditions: [video],
  poster: null,
  storyboard: null,
  folder: cid(2),
};
const list = (...ms: number[]): SegmentList => ({
  v: 1,
  init: { cid: cid(3), size: 700 },
  segments: ms.map((each, place) => [cid(10 + place), 1000, each]),
});

function make(read: () => Promise<SegmentList>) {
  const index = new SegmentIndex('bafymanifest');
  let reads = 0;
  const playlists = new Playlists({
    manifest,
    index,
    readList: () => {
      reads++;
      return read();
    },
  });
  return { index, playlists, reads: () => reads };
}

describe('playlists', () => {
  it('lead from the master to segments that are in the index', async () => {
    const { index, playlists } = make(async () => list(2000, 2000));
    const master = await playlists.text(index.masterUrl);
    const [url = ''] = master?.match(/^heliograph:.*$/m) ?? [];
    const media = await playlists.text(url);
    const addresses = media?.match(/heliograph:[^"\s]*/g) ?? [];
    expect(addresses).toHaveLength(3);
    expect(addresses.map((address) => index.file(address)?.what)).toEqual(['side', 'segment', 'segment']);
  });

  it('read each list once, and again only after a failure', async () => {
    let broken = true;
    const { index, playlists, reads } = make(async () => {
      if (broken) throw new Error('no source');
      return list(2000);
    });
    const url = index.playlistUrl(video);
    await expect(playlists.text(url)).rejects.toThrow('no source');
    broken = false;
    await playlists.text(url);
    await playlists.text(url);
    expect(reads()).toBe(2);
  });

  it('know no other address', () => {
    const { index, playlists } = make(async () => list(2000));
    expect(playlists.text('http://elsewhere/index.m3u8')).toBeNull();
    expect(index.file('http://elsewhere/00001.m4s')).toBeUndefined();
  });
});

it('leaves off a last crumb, never the only segment nor a short but real one', () => {
  expect(withoutCrumb(list(2000, 21)).segments).toHaveLength(1);
  expect(withoutCrumb(list(2000, 400)).segments).toHaveLength(2);
  expect(withoutCrumb(list(21)).segments).toHaveLength(1);
});
