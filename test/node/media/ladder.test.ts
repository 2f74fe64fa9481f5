import { describe, expect, test } from 'vitest';
import { ffmpegArguments } from '../../../node/media/arguments.ts';
import { evenRate } from '../../../node/media/frame-rate.ts';
import { chooseLadder, type Source } from '../../../node/media/media.ts';
import type { SourceAudio, SourceVideo } from '../../../node/media/source.ts';
import { videoGraph } from '../../../node/media/video-graph.ts';
import { settings } from './clips.ts';

const video = (changes: Partial<SourceVideo> = {}): SourceVideo => ({
  index: 0,
  codec: 'h264',
  profile: 'High',
  pixelFormat: 'yuv420p',
  width: 1920,
  height: 1080,
  plain: true,
  frameRate: { num: 24, den: 1 },
  variable: false,
  interlaced: false,
  transfer: 'sdr',
  fullRange: false,
  startMs: 0,
  bitrate: 6_000_000,
  keyframes: [{ fromMs: 0, toMs: 8000, keyframesMs: [0, 2000, 4000, 6000], closed: true }],
  ...changes,
});

const audio = (changes: Partial<SourceAudio> = {}): SourceAudio => ({
  index: 1,
  codec: 'aac',
  profile: 'LC',
  channels: 2,
  sampleRate: 48_000,
  bitrate: 128_000,
  startMs: 0,
  isDefault: false,
  ...changes,
});

const source = (changes: Partial<Source> = {}): Source => ({
  path: '/films/film.mp4',
  size: 1,
  mtimeMs: 0,
  format: 'mov,mp4,m4a,3gp,3g2,mj2',
  durationMs: 600_000,
  video: video(),
  audio: [audio()],
  subtitles: [],
  cover: null,
  notes: [],
  ...changes,
});

const sizes = (changes: Partial<SourceVideo>, maxHeight = 2160) =>
  chooseLadder(source({ video: video({ bitrate: 0, ...changes }) }), settings({ maxHeight })).video.map(
    (rung) => `${rung.id} ${rung.width}x${rung.height}`,
  );

describe('sizes', () => {
  test.each([
    [1920, 1080, ['v1080 1920x1080', 'v720 1280x720', 'v480 852x480', 'v360 640x360', 'v240 426x240']],
    // A wide film is named for the box it fits, an upright one for its width.
    [1920, 800, ['v1080 1920x800', 'v720 1280x532', 'v480 852x354', 'v360 640x266', 'v240 426x176']],
    [1080, 1920, ['v1080 1080x1920', 'v720 720x1280', 'v480 480x852', 'v360 360x640', 'v240 240x426']],
    [854, 480, ['v480 854x480', 'v360 640x358', 'v240 426x238']],
    [321, 181, ['v240 320x180']],
    [2, 2, ['v240 2x2']],
    // So close to 720p that a rung of its own would be a waste.
    [1300, 731, ['v1080 1300x730', 'v480 852x478', 'v360 640x358', 'v240 426x238']],
  ])('of %i × %i', (width, height, expected) => {
    expect(sizes({ width, height })).toEqual(expected);
  });

  test('reach 2160p and stop there', () => {
    expect(sizes({ width: 7680, height: 4320 })[0]).toBe('v2160 3840x2160');
  });

  test('keep to the configured height', () => {
    expect(sizes({}, 720)[0]).toBe('v720 1280x720');
  });

  test('are never larger than the source, whatever its shape', () => {
    const wrong: string[] = [];
    for (let width = 16; width < 5000; width += 237) {
      for (let height = 16; height < 5000; height += 311) {
        const { video: rungs } = chooseLadder(
          source({ video: video({ width, height, bitrate: 0 }) }),
          settings(),
        );
        const fits = rungs.every(
          (rung) => rung.width <= width && rung.height <= height && (rung.width | rung.height) % 2 === 0,
        );
        if (rungs.length === 0 || !fits) wrong.push(`${width}x${height}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

describe('the top rung', () => {
  const copied = (changes: Partial<SourceVideo>, whole: Partial<Source> = {}, config = settings()) =>
    chooseLadder(source({ ...whole, video: video(changes) }), config).video[0]?.copy;
  const stretch = (keyframesMs: number[], toMs: number, closed = true) => [
    { fromMs: keyframesMs[0] ?? 0, toMs, keyframesMs, closed },
  ];

  test('is copied when codec and keyframes fit', () => {
    expect(copied({})).toBe(true);
    expect(copied({ keyframes: stretch([0, 3000, 6000], 8000) })).toBe(true);
    expect(copied({ keyframes: stretch([0, 2502, 5005, 7507], 9000) })).toBe(true);
  });

  test.each([
    ['another codec', { codec: 'hevc' }],
    ['ten bits', { pixelFormat: 'yuv420p10le', profile: 'High 10' }],
    ['more colour', { pixelFormat: 'yuv444p', profile: 'High 4:4:4 Predictive' }],
    ['rotation or odd pixels', { plain: false }],
    ['interlacing', { interlaced: true }],
    ['a bitrate that few can take', { bitrate: 40_000_000 }],
    ['an unknown bitrate', { bitrate: 0 }],
    ['a late start', { startMs: 1200 }],
    ['keyframes too far apart', { keyframes: stretch([0, 2000, 5100], 6000) }],
    ['no second keyframe for long', { keyframes: stretch([0, 2000], 9000) }],
    ['pictures that lean over a keyframe', { keyframes: stretch([0, 2000, 4000], 6000, false) }],
    ['no keyframes seen', { keyframes: [] }],
  ])('is encoded for %s', (_why, changes) => {
    expect(copied(changes)).toBe(false);
  });

  test('is encoded when the publisher or the container says so', () => {
    expect(copied({}, {}, settings({ copyTopRung: false }))).toBe(false);
    expect(copied({}, { format: 'avi' })).toBe(false);
    expect(copied({}, {}, settings({ maxHeight: 720 }))).toBe(false);
  });
});

test('even frame rates', () => {
  const rate = (num: number, den: number, variable = false) => {
    const made = evenRate(video({ frameRate: { num, den }, variable }));
    return `${made.num}/${made.den}`;
  };
  expect(rate(24, 1)).toBe('24/1');
  expect(rate(2997, 100)).toBe('30000/1001');
  expect(rate(120, 1)).toBe('60/1');
  expect(rate(1, 1)).toBe('5/1');
  expect(rate(15, 1)).toBe('15/1');
  // A telephone's uneven 28.3 a second.
  expect(rate(283, 10, true)).toBe('30000/1001');
});

test('audio tracks get unique names, one default and a copy where that is safe', () => {
  const tracks = [
    audio({ index: 1, language: 'en', channels: 6, codec: 'ac3' }),
    audio({ index: 2, language: 'en', title: 'Commentary "A"', isDefault: true }),
    audio({ index: 3 }),
  ];
  const rungs = chooseLadder(source({ audio: tracks }), settings()).audio;
  expect(rungs.map((rung) => [rung.id, rung.name, rung.copy, rung.channels, rung.isDefault])).toEqual([
    ['a-en', 'English', false, 2, false],
    ['a-en-2', 'Commentary  A', true, 2, true],
    ['a-und', 'Audio 3', true, 2, false],
  ]);
});

test('sound alone has no pictures to make', () => {
  const ladder = chooseLadder(source({ video: null }), settings());
  expect(ladder.video).toEqual([]);
  expect(ladder.storyboard).toBeNull();
});

describe('the filter graph', () => {
  const graph = (changes: Partial<SourceVideo>, tonemap = true) => {
    const film = source({ video: video({ bitrate: 0, ...changes }) });
    return videoGraph(film, chooseLadder(film, settings()), tonemap).filters;
  };

  test('touches only what has to be touched', () => {
    expect(graph({})).toMatch(
      /^\[0:0\]fps=24\/1:start_time=0,scale=1920:1080,setsar=1,format=yuv420p,split=/,
    );
    expect(graph({ interlaced: true })).toContain('[0:0]bwdif=mode=send_frame,fps=');
    expect(graph({ fullRange: true })).toContain('scale=1920:1080:in_range=pc:out_range=tv');
    expect(graph({ transfer: 'pq' })).toContain('tonemap=tonemap=hable');
    expect(graph({ transfer: 'hlg' }, false)).not.toContain('zscale');
  });

  test('keeps the times of the source beside a copied rung', () => {
    const film = source();
    const ladder = chooseLadder(film, settings());
    expect(videoGraph(film, ladder, true).filters).toMatch(/^\[0:0\]scale=1280:720,/);
    const args = ffmpegArguments({ source: film, ladder, version: '7.0', tonemap: true });
    expect(args[args.indexOf('-force_key_frames') + 1]).toBe('source');
    expect(args[args.indexOf('-fps_mode') + 1]).toBe('passthrough');
    expect(ffmpegArguments({ source: film, ladder, version: '5.0.1', tonemap: true })).toContain('-vsync');
  });
});
