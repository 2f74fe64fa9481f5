/** A manifest and its segment lists, small but with every kind of rendition. */
import { cborCid, cidOf, RAW } from '../../protocol/cid.ts';
import {
  encodeSegmentList,
  type Manifest,
  type Rendition,
  type SegmentList,
} from '../../protocol/manifest.ts';

const file = (n: number, size: number) => ({ cid: cidOf(RAW, new Uint8Array(32).fill(n)), size });

export const videoList: SegmentList = {
  v: 1,
  init: file(1, 800),
  segments: [
    [file(2, 500_000).cid, 500_000, 2000],
    [file(3, 400_000).cid, 400_000, 2000],
    [file(4, 90_000).cid, 90_000, 500],
  ],
};
export const audioList: SegmentList = {
  v: 1,
  init: file(5, 700),
  segments: [
    [file(6, 32_000).cid, 32_000, 2005],
    [file(7, 32_000).cid, 32_000, 1984],
    [file(8, 9_000).cid, 9_000, 511],
  ],
};
export const subtitleList: SegmentList = { v: 1, init: null, segments: [[file(9, 120).cid, 120, 4500]] };

function rendition(id: string, list: SegmentList, more: Partial<Rendition>): Rendition {
  return {
    id,
    kind: 'video',
    codecs: '',
    width: null,
    height: null,
    frameRate: null,
    bandwidth: 0,
    averageBandwidth: 0,
    language: null,
    name: id,
    isDefault: false,
    channels: null,
    list: cborCid(encodeSegmentList(list)),
    ...more,
  };
}

export const manifest: Manifest = {
  v: 1,
  durationMs: 4500,
  renditions: [
    rendition('v1080', videoList, {
      codecs: 'avc1.640028',
      width: 1920,
      height: 1080,
      frameRate: '23.976',
      bandwidth: 2_000_000,
      averageBandwidth: 1_760_000,
    }),
    rendition('v360', videoList, {
      codecs: 'avc1.4d401e',
      width: 640,
      height: 360,
      frameRate: '23.976',
      bandwidth: 700_000,
      averageBandwidth: 600_000,
    }),
    rendition('a-en', audioList, {
      kind: 'audio',
      codecs: 'mp4a.40.2',
      bandwidth: 130_000,
      averageBandwidth: 129_000,
      language: 'en',
      name: 'English',
      isDefault: true,
      channels: 2,
    }),
    rendition('a-de', audioList, {
      kind: 'audio',
      codecs: 'mp4a.40.2',
      bandwidth: 131_000,
      averageBandwidth: 128_000,
      language: 'de',
      name: 'Deutsch',
      channels: 2,
    }),
    rendition('s-en', subtitleList, { kind: 'subtitle', codecs: 'wvtt', language: 'en', name: 'English' }),
  ],
  poster: file(10, 30_000),
  storyboard: { vtt: file(11, 300), images: [file(12, 20_000)] },
  folder: cborCid(Uint8Array.of(0)),
};

export const audioOnly: Manifest = {
  ...manifest,
  renditions: manifest.renditions.filter(({ kind }) => kind === 'audio').slice(0, 1),
};
