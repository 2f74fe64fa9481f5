import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failure } from '../../../node/media/failure.ts';
import type { Ran } from '../../../node/media/ffmpeg.ts';
import { readInit } from '../../../node/media/init-segment.ts';
import { keyframeStretches, readPacketLine, segmentLengths } from '../../../node/media/keyframes.ts';
import { readMediaSegment } from '../../../node/media/media-segment.ts';
import {
  averageBandwidth,
  peakBandwidth,
  readPlaylist,
  wholeMilliseconds,
} from '../../../node/media/playlist-reader.ts';
import { progressTracker } from '../../../node/media/progress.ts';
import { language, readStreams } from '../../../node/media/read-streams.ts';
import { storyboardVtt } from '../../../node/media/storyboard.ts';

const file = { path: '/a.mkv', size: 1, mtimeMs: 0 };

describe('streams', () => {
  test('no field of ffprobe is taken for granted', () => {
    expect(readStreams({}, file)).toMatchObject({ durationMs: 0, video: null, audio: [], subtitles: [] });
    const source = readStreams(
      { format: { duration: 'N/A' }, streams: [{ index: 0, codec_type: 'video', width: 10, height: 10 }] },
      file,
    );
    expect(source.video).toMatchObject({ codec: 'unknown', frameRate: { num: 25, den: 1 } });
  });

  test('a late stream ends as much later; Matroska says where it ends', () => {
    const late = { index: 0, codec_type: 'audio', codec_name: 'aac', channels: 2 };
    expect(readStreams({ streams: [{ ...late, start_time: '1.5', duration: '3' }] }, file).durationMs).toBe(
      4500,
    );
    const tagged = { ...late, start_time: '1.5', tags: { DURATION: '00:01:02.500000000' } };
    expect(readStreams({ streams: [tagged] }, file).durationMs).toBe(62_500);
  });

  test('rotation turns the size, bitmap subtitles are noted and left out', () => {
    const source = readStreams(
      {
        streams: [
          {
            ...{ index: 0, codec_type: 'video', codec_name: 'h264', width: 640, height: 360 },
            side_data_list: [{ rotation: -90 }],
          },
          { index: 1, codec_type: 'subtitle', codec_name: 'hdmv_pgs_subtitle' },
        ],
      },
      file,
    );
    expect(source.video).toMatchObject({ width: 360, height: 640, plain: false });
    expect(source.subtitles).toEqual([]);
    expect(source.notes).toEqual(['1 subtitle track is left out: pictures, not text.']);
  });

  test('languages become BCP 47', () => {
    expect(['ger', 'eng', 'chi', 'pt_BR', 'und', '', 'no language'].map(language)).toEqual([
      ...['de', 'en', 'zh', 'pt-BR', undefined, undefined, undefined],
    ]);
  });
});

describe('keyframes', () => {
  const packets = (lines: string) =>
    lines.split(' ').map((line) => readPacketLine(line) ?? expect.fail(line));

  test('stretches begin at a keyframe and end at a jump', () => {
    const list = packets(
      '0,0.04,0.04,__ 0,0.08,0.04,K_ 0,0.12,0.04,__ 1,0.1,0.02,K_ 0,9,0.04,K_ 0,9.04,0.04,__',
    );
    const stretches = keyframeStretches(list, 0, 0);
    expect(stretches.map((stretch) => stretch.keyframesMs)).toEqual([[80], [9000]]);
    expect(stretches.every((stretch) => stretch.closed)).toBe(true);
  });

  test('a picture shown before the keyframe it follows opens the group', () => {
    const [stretch] = keyframeStretches(packets('0,0,0.04,K_ 0,1,0.04,K_ 0,0.96,0.04,__'), 0, 0);
    expect(stretch?.closed).toBe(false);
    const [hidden] = keyframeStretches(packets('0,0,0.04,K_ 0,0.04,0.04,_D 0,0.08,0.04,__'), 0, 0);
    expect(hidden?.closed).toBe(false);
  });

  test('segments are cut as the muxer cuts them', () => {
    expect(segmentLengths([0, 1500, 3000, 4500, 6000], 2000)).toEqual([3000, 1500, 1500]);
    expect(segmentLengths([0, 5000, 5500, 6000], 2000)).toEqual([5000, 500, 500]);
    expect(segmentLengths([], 2000)).toEqual([]);
  });
});

describe('playlists', () => {
  test('only a finished one is read', () => {
    const text = '#EXTM3U\n#EXTINF:2.002000,\na.m4s\n#EXTINF:1.5,\nb.m4s\n';
    expect(readPlaylist(text)).toBeNull();
    expect(readPlaylist(`${text}#EXT-X-ENDLIST\n`)).toEqual([
      { name: 'a.m4s', seconds: 2.002 },
      { name: 'b.m4s', seconds: 1.5 },
    ]);
  });

  test('whole milliseconds never drift from the exact sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 12, noNaN: true }), { maxLength: 500 }),
        (seconds) => {
          const whole = wholeMilliseconds(seconds).reduce((sum, ms) => sum + ms, 0);
          expect(Math.abs(whole - seconds.reduce((sum, s) => sum + s * 1000, 0))).toBeLessThan(0.501);
        },
      ),
    );
  });

  test('the peak is never below the average, and a tiny last segment makes none', () => {
    const segments = [
      { size: 250_000, durationMs: 2000 },
      { size: 500_000, durationMs: 2000 },
      { size: 20_000, durationMs: 20 },
    ];
    expect(peakBandwidth(segments, 2000)).toBe(Math.ceil((520_000 * 8000) / 2020));
    expect(averageBandwidth(segments)).toBe(Math.ceil((770_000 * 8000) / 4020));
    expect(peakBandwidth([{ size: 100, durationMs: 10 }], 2000)).toBe(80_000);
  });
});

describe('progress', () => {
  test('rises with frames and segments, knows speed and time left', () => {
    const tracker = progressTracker(100_000, 25, 0);
    expect(tracker.report(100)).toMatchObject({ percent: 0, speed: null, secondsLeft: null });
    tracker.line('frame=250');
    expect(tracker.report(5000)).toMatchObject({ percent: 9.9, speed: 2, secondsLeft: 45 });
    tracker.line('frame=100');
    tracker.finished(4000);
    expect(tracker.report(5500).percent).toBe(9.9);
    tracker.finished(1e9);
    expect(tracker.report(6000)).toMatchObject({ percent: 99, secondsLeft: 0 });
  });

  test('never falls, whatever ffmpeg says', () => {
    const lines = fc.oneof(
      fc.string(),
      fc.integer().map((n) => `frame=${n}`),
    );
    fc.assert(
      fc.property(fc.array(lines), (said) => {
        const tracker = progressTracker(10_000, 25, 0);
        let before = 0;
        for (const [n, line] of said.entries()) {
          tracker.line(line);
          const { percent } = tracker.report(n * 500);
          expect(percent).toBeGreaterThanOrEqual(before);
          expect(percent).toBeLessThanOrEqual(99);
          before = percent;
        }
      }),
    );
  });
});

test('a storyboard says which part of which sheet is which moment', () => {
  const board = { interval: 10, width: 160, height: 90, columns: 2, rows: 2 };
  expect(storyboardVtt(board, 3_645_500, 1).split('\n\n')).toHaveLength(5);
  expect(storyboardVtt(board, 45_500, 2)).toBe(
    [
      'WEBVTT',
      '00:00:00.000 --> 00:00:10.000\nstoryboard-000.jpg#xywh=0,0,160,90',
      '00:00:10.000 --> 00:00:20.000\nstoryboard-000.jpg#xywh=160,0,160,90',
      '00:00:20.000 --> 00:00:30.000\nstoryboard-000.jpg#xywh=0,90,160,90',
      '00:00:30.000 --> 00:00:40.000\nstoryboard-000.jpg#xywh=160,90,160,90',
      '00:00:40.000 --> 00:00:45.500\nstoryboard-001.jpg#xywh=0,0,160,90\n',
    ].join('\n\n'),
  );
});

describe('failures', () => {
  const ran = (changes: Partial<Ran>): Ran => ({
    ...{ ended: 'exited', code: 1, killedBy: null, stdout: '', stderr: '' },
    ...changes,
  });

  test.each([
    ['disk-full', { stderr: 'av_interleaved_write_frame(): No space left on device\nConversion failed!' }],
    ['unsupported-media', { stderr: 'Decoder (codec xyz) not found for input stream #0:0' }],
    ['ffmpeg-failed', { stderr: '[libx264 @ 0x1] malloc of size 33554432 failed' }],
    ['ffmpeg-failed', { ended: 'killed', code: null, killedBy: 'SIGKILL' }],
    ['timeout', { ended: 'timeout' }],
    ['cancelled', { ended: 'cancelled' }],
    ['ffmpeg-missing', { ended: 'not-started' }],
  ] as [string, Partial<Ran>][])('%s', (code, changes) => {
    const error = failure('film.mp4', ran(changes), 60);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^film\.mp4: [^\n]+$/);
  });

  test('the last words of ffmpeg, in one line without addresses', () => {
    const stderr =
      '[mov @ 0x55] first\n[vost#0:0 @ 0x55fc] [enc @ 0x1] it broke\u001b[0m\nConversion failed!\n';
    expect(failure('a.mp4', ran({ stderr, code: 234 }), 60).message).toBe(
      'a.mp4: ffmpeg failed with code 234: it broke [0m',
    );
  });
});

test('no bytes make the readers of segments throw or hang', () => {
  const init = {
    ...{ codecs: 'avc1.640028', timescale: 1000, mediaTime: 0, defaultDuration: 1, defaultSize: 1 },
    ...{ width: 2, height: 2 },
  };
  const wrapped = (type: string, payload: Buffer, size = payload.length + 8) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(size);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, payload]);
  };
  const payload = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  const boxes = (...types: string[]) =>
    fc
      .array(fc.tuple(fc.constantFrom(...types), payload, fc.option(fc.nat(60), { nil: undefined })), {
        maxLength: 4,
      })
      .map((list) => Buffer.concat(list.map(([type, bytes, size]) => wrapped(type, bytes, size))));
  fc.assert(
    fc.property(boxes('tfhd', 'tfdt', 'trun'), payload, (runs, data) => {
      const moof = wrapped('moof', wrapped('traf', runs));
      readMediaSegment(Buffer.concat([moof, wrapped('mdat', data)]), init);
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(
      boxes('stsd', 'stts'),
      boxes('mdhd', 'minf'),
      boxes('elst'),
      boxes('trex'),
      (stbl, mdia, edts, mvex) => {
        const media = wrapped('mdia', Buffer.concat([mdia, wrapped('minf', wrapped('stbl', stbl))]));
        const trak = wrapped('trak', Buffer.concat([media, wrapped('edts', edts)]));
        readInit(wrapped('moov', Buffer.concat([trak, wrapped('mvex', mvex)])));
      },
    ),
    { numRuns: 300 },
  );
});
