/** Gathers what ffmpeg has written into renditions: lengths, sizes, codec strings, bandwidths. */
import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { HeliographError } from '../errors.ts';
import { files } from './arguments.ts';
import { withoutCrumb } from './crumb.ts';
import { type InitSegment, readInit } from './init-segment.ts';
import type { Ladder, VideoRung } from './ladder.ts';
import type { MadeRendition, MadeSegment } from './made.ts';
import { averageBandwidth, peakBandwidth, readPlaylist, wholeMilliseconds } from './playlist-reader.ts';
import type { AudioRung, SubtitleRung } from './tracks.ts';

/** Between two turns of the event loop: waiting for each would cost ten times the CPU. */
const statsAtOnce = 32;

/** All renditions of a ladder as they lie in a directory; throws `ffmpeg-failed` when one is missing. */
export async function collect(ladder: Ladder, outDir: string): Promise<MadeRendition[]> {
  const video: MadeRendition[] = [];
  for (const rung of ladder.video) video.push(await collectVideo(rung, ladder, outDir));
  const audio: MadeRendition[] = [];
  for (const rung of ladder.audio) audio.push(await collectAudio(rung, ladder, outDir));
  const durationMs = Math.max(0, ...[...video, ...audio].map(lengthOf));
  const subtitles: MadeRendition[] = [];
  for (const rung of ladder.subtitles) {
    const made = await collectSubtitle(rung, durationMs, outDir);
    if (made) subtitles.push(made);
  }
  return [...video, ...audio, ...subtitles];
}

/** Sum of its segments, in milliseconds. */
export function lengthOf(rendition: MadeRendition): number {
  return rendition.segments.reduce((sum, segment) => sum + segment.durationMs, 0);
}

async function collectVideo(rung: VideoRung, ladder: Ladder, outDir: string): Promise<MadeRendition> {
  const { init, ...made } = await collectFragments(rung.id, ladder, outDir);
  return {
    id: rung.id,
    kind: 'video',
    ...made,
    width: init.width,
    height: init.height,
    frameRate: Math.round((rung.frameRate.num / rung.frameRate.den) * 1000) / 1000,
    isDefault: rung === ladder.video[0],
    init: join(outDir, rung.id, files.init),
  };
}

async function collectAudio(rung: AudioRung, ladder: Ladder, outDir: string): Promise<MadeRendition> {
  const { init: _init, ...made } = await collectFragments(rung.id, ladder, outDir);
  const segments = withoutCrumb(made.segments);
  return {
    id: rung.id,
    kind: 'audio',
    ...made,
    segments,
    ...(rung.language ? { language: rung.language } : {}),
    name: rung.name,
    isDefault: rung.isDefault,
    channels: rung.channels,
    init: join(outDir, rung.id, files.init),
  };
}

async function collectFragments(
  id: string,
  ladder: Ladder,
  outDir: string,
): Promise<
  Pick<MadeRendition, 'codecs' | 'bandwidth' | 'averageBandwidth' | 'segments'> & { init: InitSegment }
> {
  const missing = (what: string) =>
    new HeliographError('ffmpeg-failed', `rendition ${id} was not made: ${what} is missing or broken`);
  const text = await readFile(join(outDir, files.playlist(id)), 'utf8').catch(() => '');
  const listed = readPlaylist(text);
  if (!listed) throw missing('its list of segments');
  const init = readInit(await readFile(join(outDir, id, files.init)).catch(() => Buffer.alloc(0)));
  if (!init) throw missing('its initialisation segment');
  const lengths = wholeMilliseconds(listed.map((segment) => segment.seconds));
  const segments: MadeSegment[] = [];
  for (const [number, { name }] of listed.entries()) {
    const path = join(outDir, id, basename(name));
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size === 0) throw missing(`segment ${number}`);
    segments.push({ path, size, durationMs: lengths[number] ?? 0 });
    if (number % statsAtOnce === 0) await setImmediate();
  }
  return {
    init,
    codecs: init.codecs,
    bandwidth: peakBandwidth(segments, ladder.segmentSeconds * 1000),
    averageBandwidth: averageBandwidth(segments),
    segments,
  };
}

/** One segment as long as the film; null when there is not one line of text in it. */
async function collectSubtitle(
  rung: SubtitleRung,
  durationMs: number,
  outDir: string,
): Promise<MadeRendition | null> {
  const path = join(outDir, files.subtitle(rung.id));
  const text = await readFile(path, 'utf8').catch(() => '');
  if (!text.startsWith('WEBVTT') || !text.includes('-->')) return null;
  const segments = [{ path, size: Buffer.byteLength(text), durationMs }];
  const bandwidth = Math.max(1, averageBandwidth(segments));
  return {
    id: rung.id,
    kind: 'subtitle',
    codecs: 'wvtt',
    bandwidth,
    averageBandwidth: bandwidth,
    ...(rung.language ? { language: rung.language } : {}),
    name: rung.name,
    isDefault: rung.isDefault,
    init: null,
    segments,
  };
}
