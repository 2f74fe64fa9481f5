/** Checks that every rendition made is whole and playable: a job is done only when this passes. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { HeliographError } from '../errors.ts';
import { files } from './arguments.ts';
import { run } from './ffmpeg.ts';
import { guarded } from './guard.ts';
import { type InitSegment, readInit } from './init-segment.ts';
import type { MadeRendition, MadeSegment, Transcoded } from './made.ts';
import { type MediaSegment, readMediaSegment } from './media-segment.ts';
import type { Tools } from './tools.ts';

export interface VerifyOptions {
  tools: Tools;
  signal?: AbortSignal;
}

/** Tried in turn: the header of a segment mostly is 1 KB, the first picture may come after much else. */
const headBytes = [4 * 1024, 64 * 1024, 1024 * 1024];
/**
 * Segments read between two turns of the event loop. They have just been written, so reading a few without waiting
 * takes less than a millisecond and a tenth of the CPU that waiting for each would.
 */
const segmentsAtOnce = 8;
/** How far a segment may lie from where the list says; sound is cut at packets of some 20 ms. */
const driftMs = 60;
const probeMs = 60_000;

/**
 * Reads the header of every segment (whole, at its place in time, beginning with a picture that stands alone) and
 * lets ffprobe open all renditions as a player would.
 * Throws `ffmpeg-failed` naming the rendition and what is wrong with it. `transcode` has already called this.
 */
export async function verifyRenditions(
  made: Pick<Transcoded, 'renditions'>,
  options: VerifyOptions,
): Promise<void> {
  const fragments = made.renditions.filter((rendition) => rendition.init !== null);
  if (fragments.length === 0) return;
  const checks = [openAsPlayer(fragments, options), verifyAll(fragments, options.signal)];
  // Both are waited for, so that nothing runs on after a throw.
  for (const check of await Promise.allSettled(checks)) {
    if (check.status === 'rejected') throw check.reason;
  }
}

async function verifyAll(renditions: MadeRendition[], signal: AbortSignal | undefined): Promise<void> {
  const scratch = Buffer.allocUnsafe(headBytes.at(-1) ?? 0);
  for (const rendition of renditions) {
    const init = readInit(readFileSync(rendition.init ?? ''));
    if (!init) throw broken(rendition, 'its initialisation segment can not be read');
    let startMs = 0;
    for (const [number, segment] of rendition.segments.entries()) {
      const fault = segmentFault(rendition, init, segment, startMs, scratch);
      if (fault) throw broken(rendition, `segment ${number} ${fault}`);
      startMs += segment.durationMs;
      if (number % segmentsAtOnce !== 0) continue;
      await setImmediate();
      if (signal?.aborted) throw cancelled();
    }
  }
}

function segmentFault(
  rendition: MadeRendition,
  init: InitSegment,
  segment: MadeSegment,
  startMs: number,
  scratch: Buffer,
): string | null {
  const found = readHead(segment.path, init, scratch);
  if (!found) return 'is missing';
  const { read, size } = found;
  if (!read) return 'is not a media segment';
  if (size !== segment.size || read.end !== size || read.sampleBytes !== read.dataBytes)
    return 'is not whole';
  if (read.samples === 0) return 'is empty';
  // The edit list takes the encoder's delay off the first sample, and so off each one.
  const toMs = (ticks: number) => (ticks * 1000) / init.timescale;
  const slack = driftMs + toMs(init.mediaTime);
  if (Math.abs(toMs(read.startTicks) - startMs) > slack) return 'lies at the wrong time';
  if (Math.abs(toMs(read.durationTicks) - segment.durationMs) > slack) return 'has the wrong length';
  if (rendition.kind === 'video' && !read.independent) return 'does not begin with a keyframe';
  return null;
}

function readHead(
  path: string,
  init: InitSegment,
  scratch: Buffer,
): { read: MediaSegment | null; size: number } | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const { size } = fstatSync(file);
    let read: MediaSegment | null = null;
    for (const bytes of headBytes) {
      const got = readSync(file, scratch, 0, bytes, 0);
      read = readMediaSegment(scratch.subarray(0, got), init);
      if (got === size || (read && (read.independent || init.width === 0))) break;
    }
    return { read, size };
  } finally {
    closeSync(file);
  }
}

/** One ffprobe over a playlist of all renditions: it opens each, reads its first segment and must find its codec. */
async function openAsPlayer(renditions: MadeRendition[], { tools, signal }: VerifyOptions): Promise<void> {
  const first = renditions[0];
  if (!first?.init) return;
  const outDir = dirname(dirname(first.init));
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7'];
  for (const { id } of renditions) lines.push('#EXT-X-STREAM-INF:BANDWIDTH=1', files.playlist(id));
  const list = join(outDir, 'check.m3u8');
  await writeFile(list, `${lines.join('\n')}\n`);
  const ran = await run({
    argv: guarded(tools.guard, { memoryBytes: null, cpuSeconds: probeMs / 1000 }, [
      ...[tools.ffprobe.path, '-v', 'error', '-protocol_whitelist', 'file'],
      ...[
        '-format_whitelist',
        'hls,mov,mp4,m4a,3gp,3g2,mj2',
        '-show_entries',
        'stream=codec_name,width,height',
      ],
      ...['-of', 'json', '-i', `file:${list}`],
    ]),
    timeoutMs: probeMs,
    ...(signal ? { signal } : {}),
  });
  if (ran.ended === 'cancelled') throw cancelled();
  const found = streamsIn(ran.stdout);
  for (const { id, kind, width, height } of renditions) {
    const at = found.findIndex((stream) =>
      kind === 'video'
        ? stream.codec_name === 'h264' && stream.width === width && stream.height === height
        : stream.codec_name === 'aac',
    );
    if (at < 0) throw broken({ id }, 'a player finds no picture or sound in it');
    found.splice(at, 1);
  }
}

interface FoundStream {
  codec_name?: string;
  width?: number;
  height?: number;
}

function streamsIn(stdout: string): FoundStream[] {
  try {
    return (JSON.parse(stdout) as { streams?: FoundStream[] }).streams ?? [];
  } catch {
    return [];
  }
}

function cancelled(): HeliographError {
  return new HeliographError('cancelled', 'the check of the renditions was cancelled');
}

function broken(rendition: Pick<MadeRendition, 'id'>, why: string): HeliographError {
  return new HeliographError('ffmpeg-failed', `rendition ${rendition.id} is not playable: ${why}`);
}
