/** Short made-up films and sounds for the media tests, each made once in a test run by the ffmpeg under test. */
import { execFile } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, inject } from 'vitest';
import { type Config, parseConfig } from '../../../node/config.ts';
import { findTools, type Tools } from '../../../node/media/media.ts';

const exec = promisify(execFile);
const { resolve } = createRequire(import.meta.url);

export const system: Tools = await findTools({});
const shippedFolder = (name: string) => dirname(resolve(`${name}/linux-x64/package.json`));
export const shipped: Tools = await findTools({
  ffmpeg: join(shippedFolder('@ffmpeg-binary'), 'ffmpeg'),
  ffprobe: join(shippedFolder('@ffprobe-installer'), 'ffprobe'),
});

/** Both sets of tools that a node may run with, for `describe.each`. */
export const toolsets: [string, Tools][] = [
  [`system ${system.ffmpeg.version}`, system],
  [`shipped ${shipped.ffmpeg.version}`, shipped],
];

/** Settings for quick transcodes. */
export function settings(changes: Partial<Config['media']> = {}): Config['media'] {
  return { ...parseConfig({}).media, preset: 'ultrafast', ...changes };
}

const lavfi = (graph: string) => ['-f', 'lavfi', '-i', graph];
const picture = (seconds: number, size = '320x180', rate = '25') =>
  lavfi(`testsrc2=s=${size}:r=${rate}:d=${seconds}`);
const sound = (seconds: number, hertz = 440) => lavfi(`sine=${hertz}:r=48000:d=${seconds}`);
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];

/** Arguments for each clip; `{name}` in one stands for the path of another clip. */
const recipes: Record<string, string[]> = {
  'plain.mp4': [...picture(3), ...sound(3), ...h264, '-c:a', 'aac'],
  'silent.mp4': [...picture(2), ...h264],
  'gop1.mp4': [
    ...picture(5, '640x360'),
    ...sound(5),
    ...h264,
    '-crf',
    '32',
    '-bf',
    '2',
    '-g',
    '25',
    '-c:a',
    'aac',
    '-ac',
    '2',
  ],
  'gop1.mkv': ['-i', '{gop1.mp4}', '-c', 'copy'],
  'gop1.ts': ['-i', '{gop1.mp4}', '-c', 'copy'],
  'ntsc.mkv': [
    ...picture(5, '640x360', '30000/1001'),
    ...sound(5),
    ...h264,
    '-crf',
    '32',
    '-bf',
    '2',
    '-g',
    '30',
  ],
  'long-gop.mp4': [...picture(5), ...h264, '-g', '200'],
  'refresh.mkv': [...picture(5), ...h264, '-x264-params', 'open-gop=1:keyint=25:bframes=3:b-adapt=0'],
  'sound.flac': sound(2),
  'sound.mp3': [...sound(2), '-c:a', 'libmp3lame'],
  'cover.png': [...lavfi('color=red:s=300x301:d=0.04'), '-frames:v', '1'],
  'cover.mp3': [
    ...['-i', '{sound.mp3}', '-i', '{cover.png}', '-map', '0', '-map', '1', '-c:a', 'copy', '-c:v', 'mjpeg'],
    ...['-disposition:v', 'attached_pic', '-id3v2_version', '3'],
  ],
  'odd.mkv': [...picture(2, '321x181'), '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv444p'],
  'wide-pixels.mp4': [...picture(2), '-vf', 'setsar=4/3', ...h264],
  'rotated.mp4': ['-i', '{silent.mp4}', '-c', 'copy', '-metadata:s:v', 'rotate=90'],
  'uneven.mp4': [
    ...[...picture(4), '-vf', "select='not(mod(n,7))+lt(n,40)'", '-vsync', 'vfr', ...h264],
    ...['-g', '200', '-video_track_timescale', '90000'],
  ],
  'hdr.mkv': [
    ...[...picture(2), '-c:v', 'libx265', '-x265-params', 'log-level=none', '-preset', 'ultrafast'],
    ...['-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084'],
    ...['-colorspace', 'bt2020nc'],
  ],
  'interlaced.mkv': [
    ...[...picture(2, '320x180', '50'), '-vf', 'interlace,setfield=tff', ...h264, '-flags', '+ilme+ildct'],
  ],
  'surround.mkv': [
    ...[...picture(2), ...lavfi('anoisesrc=d=2:c=pink'), ...h264, '-c:a', 'ac3'],
    ...['-af', 'pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0'],
  ],
  'tracks.mkv': [
    ...[...picture(3), ...sound(3), ...sound(3, 880), '-i', '{de.srt}', '-i', '{en.srt}'],
    ...['-map', '0', '-map', '1', '-map', '2', '-map', '3', '-map', '4', ...h264, '-c:a', 'aac'],
    ...['-metadata:s:a:0', 'language=ger', '-metadata:s:a:1', 'language=eng'],
    ...['-metadata:s:a:1', 'title=Commentary', '-metadata:s:s:0', 'language=ger'],
    ...['-metadata:s:s:1', 'language=eng'],
  ],
  'tracks.mp4': ['-i', '{tracks.mkv}', '-map', '0', '-c', 'copy', '-c:s', 'mov_text'],
  'late-picture.mp4': [
    ...['-i', '{plain.mp4}', '-itsoffset', '1.2', '-i', '{plain.mp4}', '-map', '1:v', '-map', '0:a'],
    ...['-c', 'copy'],
  ],
  'unstated.webm': [
    ...[...picture(2, '64x36'), '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-live', '1'],
  ],
  'long.mp4': [...picture(60, '160x90', '10'), ...sound(60), ...h264, '-g', '20', '-movflags', '+faststart'],
  'long.mkv': ['-i', '{long.mp4}', '-c', 'copy'],
  'long.flac': ['-i', '{long.mp4}', '-vn', '-c:a', 'flac'],
  'slow.mp4': [...picture(30, '640x360', '50'), ...sound(30), ...h264, '-g', '500'],
};

const texts: Record<string, string> = {
  'de.srt': '1\n00:00:00,500 --> 00:00:01,500\nHallo <i>Welt</i>\n\n2\n00:00:02,000 --> 00:00:02,800\nZwei\n',
  'en.srt': '1\n00:00:00,500 --> 00:00:01,500\nHello\n',
};

/** Path of a clip, which is made when it is first asked for. Clips are shared: never change one, copy it. */
export async function clip(name: string): Promise<string> {
  const folder = join(inject('sharedDirectory'), 'clips');
  const path = join(folder, name);
  if (
    await access(path).then(
      () => true,
      () => false,
    )
  )
    return path;
  await mkdir(folder, { recursive: true });
  // Two test files may make the same clip at one time: each makes its own, and renaming is atomic.
  const draft = join(await mkdtemp(join(folder, 'draft-')), name);
  const text = texts[name];
  if (text !== undefined) await writeFile(draft, text);
  else {
    const args: string[] = [];
    for (const argument of recipes[name] ?? []) {
      const other = /^\{(.+)\}$/.exec(argument)?.[1];
      args.push(other ? await clip(other) : argument);
    }
    await exec(system.ffmpeg.path, ['-v', 'error', '-nostdin', '-y', ...args, draft]);
  }
  await rename(draft, path);
  await rm(dirname(draft), { recursive: true, force: true });
  return path;
}

/** A copy of a clip's first share under another name. */
export async function cut(name: string, share: number, path: string): Promise<string> {
  const { open } = await import('node:fs/promises');
  await copyFile(await clip(name), path);
  const file = await open(path, 'r+');
  await file.truncate(Math.floor((await file.stat()).size * share));
  await file.close();
  return path;
}

/** A fresh directory that is removed after the file's tests. */
export async function temporary(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'heliograph-media-'));
  afterAll(() => rm(path, { recursive: true, force: true }));
  return path;
}
