import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../node/config.ts';
import {
  chooseLadder,
  type MadeRendition,
  type Progress,
  probe,
  type Tools,
  type Transcoded,
  transcode,
  verifyRenditions,
} from '../../../node/media/media.ts';
import { clip, settings, shipped, system, temporary, toolsets } from './clips.ts';

const exec = promisify(execFile);
const folder = await temporary();

interface Made extends Transcoded {
  outDir: string;
  reports: Progress[];
}

async function made(name: string, tools: Tools, changes: Partial<Config['media']> = {}): Promise<Made> {
  const outDir = await mkdtemp(join(folder, 'out-'));
  const source = await probe(await clip(name), { tools });
  const ladder = chooseLadder(source, settings(changes));
  const reports: Progress[] = [];
  const onProgress = (progress: Progress) => reports.push(progress);
  return { ...(await transcode({ source, ladder, outDir, tools, onProgress })), outDir, reports };
}

const ofKind = (film: Transcoded, kind: MadeRendition['kind']) =>
  film.renditions.filter((rendition) => rendition.kind === kind);
const lengths = (rendition: MadeRendition | undefined) =>
  rendition?.segments.map((segment) => segment.durationMs) ?? [];
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

/** Every packet of a rendition, read by ffprobe from its bytes alone. */
async function packets(rendition: MadeRendition): Promise<{ ms: number; key: boolean }[]> {
  const path = join(await mkdtemp(join(folder, 'whole-')), 'whole.mp4');
  const parts = [rendition.init ?? '', ...rendition.segments.map((segment) => segment.path)];
  await writeFile(path, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))));
  const { stdout } = await exec(system.ffprobe.path, [
    ...['-v', 'error', '-show_entries', 'packet=pts_time,flags', '-of', 'csv=p=0', path],
  ]);
  return stdout
    .trim()
    .split('\n')
    .map((line) => ({ ms: Math.round(Number(line.split(',')[0]) * 1000), key: /,K/.test(line) }))
    .sort((a, b) => a.ms - b.ms);
}

const keyframes = async (rendition: MadeRendition) =>
  (await packets(rendition)).filter((packet) => packet.key).map((packet) => packet.ms);

function cuts(rendition: MadeRendition): number[] {
  let at = 0;
  return lengths(rendition).map((ms) => {
    const start = at;
    at += ms;
    return start;
  });
}

describe.each(toolsets)('transcode with %s', (_name, tools) => {
  test('makes every rung, its keyframes at one moment in all of them, from nought', async () => {
    const film = await made('gop1.mp4', tools, { copyTopRung: false });
    const video = ofKind(film, 'video');
    expect(video.map((v) => [v.id, v.width, v.height])).toEqual([
      ['v360', 640, 360],
      ['v240', 426, 240],
    ]);
    for (const rendition of video) {
      expect(lengths(rendition)).toEqual([2000, 2000, 1000]);
      expect(await keyframes(rendition)).toEqual([0, 2000, 4000]);
      expect(rendition.codecs).toMatch(/^avc1\.[0-9a-f]{6}$/);
      expect(rendition.bandwidth).toBeGreaterThanOrEqual(rendition.averageBandwidth);
    }
    const [audio] = ofKind(film, 'audio');
    expect(audio).toMatchObject({ id: 'a-und', codecs: 'mp4a.40.2', channels: 2, isDefault: true });
    expect(Math.abs(sum(lengths(audio)) - 5000)).toBeLessThan(60);
    expect(film.durationMs).toBeGreaterThanOrEqual(5000);
    for (const { segments } of film.renditions) {
      for (const { path, size } of segments) expect((await stat(path)).size).toBe(size);
    }
  });

  test.each(['gop1.mp4', 'gop1.mkv', 'gop1.ts', 'ntsc.mkv'])('copies the top rung of %s', async (name) => {
    const film = await made(name, tools);
    expect(film.notes.join()).toContain("source's own video");
    const [top, low] = ofKind(film, 'video');
    if (!top || !low) throw new Error('two rungs expected');
    expect(Math.max(...lengths(top))).toBeLessThanOrEqual(3001);
    expect(lengths(low).length).toBe(lengths(top).length);
    const copied = await keyframes(top);
    const encoded = await keyframes(low);
    expect(copied[0]).toBe(0);
    for (const at of cuts(top)) {
      expect(Math.min(...copied.map((ms) => Math.abs(ms - at)))).toBeLessThanOrEqual(1);
      expect(Math.min(...encoded.map((ms) => Math.abs(ms - at)))).toBeLessThanOrEqual(1);
    }
    // The same pictures as in the source, not made anew.
    const source = await exec(tools.ffmpeg.path, [
      ...['-v', 'error', '-i', await clip(name), '-map', '0:v', '-f', 'framemd5', '-'],
    ]);
    const whole = join(await mkdtemp(join(folder, 'copy-')), 'whole.mp4');
    const parts = [top.init ?? '', ...top.segments.map((segment) => segment.path)];
    await writeFile(whole, Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))));
    const copy = await exec(tools.ffmpeg.path, [
      ...['-v', 'error', '-i', whole, '-map', '0:v', '-f', 'framemd5', '-'],
    ]);
    const hashes = (text: string) => text.match(/[0-9a-f]{32}/g);
    expect(hashes(copy.stdout)).toEqual(hashes(source.stdout));
  });

  test('keeps languages, names and text', async () => {
    const film = await made('tracks.mkv', tools);
    expect(ofKind(film, 'audio').map((a) => [a.id, a.language, a.name, a.isDefault])).toEqual([
      ['a-de', 'de', 'Deutsch', true],
      ['a-en', 'en', 'Commentary', false],
    ]);
    const subtitles = ofKind(film, 'subtitle');
    expect(subtitles.map((s) => [s.id, s.language, s.name, s.codecs, s.init])).toEqual([
      ['s-de', 'de', 'Deutsch', 'wvtt', null],
      ['s-en', 'en', 'English', 'wvtt', null],
    ]);
    const text = await readFile(subtitles[0]?.segments[0]?.path ?? '', 'utf8');
    expect(text).toMatch(/^WEBVTT\n/);
    expect(text).toContain('00:00.500 --> 00:01.500\nHallo <i>Welt</i>');
    expect(lengths(subtitles[0])).toEqual([film.durationMs]);
  });

  test('makes sound with a cover into an audio item with a poster', async () => {
    const film = await made('cover.mp3', tools);
    expect(film.renditions.map((r) => [r.kind, r.codecs])).toEqual([['audio', 'mp4a.40.2']]);
    expect((await readFile(film.poster ?? '')).subarray(0, 2).toString('hex')).toBe('ffd8');
    expect(film.storyboard).toBeNull();
  });
});

test.each([
  ['odd.mkv', { width: 320, height: 180 }],
  ['wide-pixels.mp4', { width: 426, height: 180 }],
  ['rotated.mp4', { width: 180, height: 320 }],
  ['hdr.mkv', { width: 320, height: 180 }],
  ['interlaced.mkv', { width: 320, height: 180 }],
  ['silent.mp4', { width: 320, height: 180 }],
])('makes %s into plain pictures', async (name, size) => {
  const film = await made(name, shipped);
  const [video] = ofKind(film, 'video');
  expect(video).toMatchObject({ ...size, frameRate: 25 });
  const { stdout } = await exec(system.ffprobe.path, [
    ...['-v', 'error', '-show_entries', 'stream=pix_fmt,sample_aspect_ratio,field_order', '-of', 'json'],
    join(film.outDir, video?.id ?? '', 'media.m3u8'),
  ]);
  const [stream] = JSON.parse(stdout).streams;
  expect(stream.pix_fmt).toBe('yuv420p');
  expect(['1:1', undefined]).toContain(stream.sample_aspect_ratio);
  expect(film.poster).not.toBeNull();
});

test('gives uneven frames even times', async () => {
  const film = await made('uneven.mp4', shipped, { copyTopRung: false });
  const [video] = ofKind(film, 'video');
  if (!video) throw new Error('no video');
  const step = 1000 / (video.frameRate ?? 1);
  const times = (await packets(video)).map((packet) => packet.ms);
  for (const [n, ms] of times.entries()) expect(Math.abs(ms - n * step)).toBeLessThanOrEqual(1);
  expect(await keyframes(video)).toEqual(cuts(video));
});

test('brings six channels down to two, and lets sound begin before the picture', async () => {
  expect(ofKind(await made('surround.mkv', shipped), 'audio')[0]?.channels).toBe(2);
  const late = await made('late-picture.mp4', shipped);
  expect(late.durationMs).toBeGreaterThanOrEqual(4200);
  expect(sum(lengths(ofKind(late, 'audio')[0]))).toBeGreaterThan(2950);
});

test('encodes everything when keyframes are too far apart', async () => {
  const film = await made('long-gop.mp4', shipped);
  expect(film.notes).toEqual([]);
  expect(lengths(film.renditions[0])).toEqual([2000, 2000, 1000]);
});

test('encodes everything after all when copied keyframes do not stand alone', async () => {
  const film = await made('refresh.mkv', shipped);
  expect(film.notes).toEqual([]);
  expect(await keyframes(film.renditions[0] as MadeRendition)).toEqual([0, 2000, 4000]);
});

test('makes a storyboard whose cues lie within its sheets', async () => {
  const film = await made('long.mp4', shipped);
  const text = await readFile(film.storyboard?.vtt ?? '', 'utf8');
  const cues = text.match(/^storyboard-\d+\.jpg#xywh=\d+,\d+,\d+,\d+$/gm) ?? [];
  expect(cues).toHaveLength(30);
  expect(film.storyboard?.images.map((path) => basename(path))).toEqual([
    'storyboard-000.jpg',
    'storyboard-001.jpg',
  ]);
  const { stdout } = await exec(system.ffprobe.path, [
    ...['-v', 'error', '-show_entries', 'stream=width,height', '-of', 'csv=p=0'],
    film.storyboard?.images[0] ?? '',
  ]);
  expect(stdout.trim()).toBe('800,450');
});

test('reports progress that only rises and ends at 100', async () => {
  const { reports } = await made('long.mp4', shipped, { copyTopRung: false });
  const percents = reports.map((report) => report.percent);
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBe(100);
});

test('the check sees a missing, torn or swapped segment', async () => {
  const film = await made('gop1.mp4', shipped, { copyTopRung: false });
  const [top] = film.renditions;
  const second = top?.segments[1];
  if (!top || !second) throw new Error('no second segment');
  const good = await readFile(second.path);
  const check = () => verifyRenditions(film, { tools: shipped });
  await check();
  await writeFile(second.path, good.subarray(0, good.length - 1));
  await expect(check()).rejects.toMatchObject({ message: expect.stringContaining('segment 1 is not whole') });
  const grown = { ...second, size: good.length + 8 };
  await writeFile(second.path, Buffer.concat([good, Buffer.from('00000008free', 'latin1').subarray(0, 8)]));
  await expect(
    verifyRenditions(
      { renditions: [{ ...top, segments: top.segments.map((s) => (s === second ? grown : s)) }] },
      { tools: shipped },
    ),
  ).rejects.toMatchObject({ code: 'ffmpeg-failed' });
  await writeFile(second.path, await readFile(top.segments[0]?.path ?? ''));
  await expect(check()).rejects.toMatchObject({ code: 'ffmpeg-failed' });
  await writeFile(second.path, good);
  await check();
});

test('leaves nothing unfinished behind', async () => {
  const film = await made('silent.mp4', shipped);
  const names = await readdir(film.outDir, { recursive: true });
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
