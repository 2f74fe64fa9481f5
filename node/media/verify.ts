/** Checks that every rendition made is whole and playable: a job is done only when this passes. */
import { open, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** Enough for the header of a segment and the start of its first picture. */
const headBytes = 48 * 1024;
const segmentsAtOnce = 16;
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
  for (const rendition of fragments) await verifySegments(rendition, options.signal);
  if (fragments.length > 0) await openAsPlayer(fragments, options);
}

async function verifySegments(rendition: MadeRendition, signal: AbortSignal | undefined): Promise<void> {
  const init = readInit(await readFile(rendition.init ?? ''));
  if (!init) throw broken(rendition, 'its initialisation segment can not be read');
  let startMs = 0;
  const places = rendition.segments.map((segment, number) => {
    const place = { segment, number, startMs };
    startMs += segment.durationMs;
    return place;
  });
  for (let first = 0; first < places.length; first += segmentsAtOnce) {
    if (signal?.aborted) throw new HeliographError('cancelled', 'the check of the renditions was cancelled');
    const batch = places.slice(first, first + segmentsAtOnce);
    await Promise.all(
      batch.map(async (place) => {
        const fault = await segmentFault(rendition, init, place.segment, place.startMs);
        if (fault) throw broken(rendition, `segment ${place.number} ${fault}`);
      }),
    );
  }
}

async function segmentFault(
  rendition: MadeRendition,
  init: InitSegment,
  segment: MadeSegment,
  startMs: number,
): Promise<string | null> {
  const { read, size } = await readHead(segment.path, init);
  if (!read) return 'is not a media segment';
  if (size !== segment.size || read.end !== size || read.sampleBytes !== read.dataBytes)
    return 'is not whole';
  if (read.samples === 0) return 'is empty';
  // The edit list takes the encoder's delay off the first sample, and so off each one.
  const slack = driftMs + (init.mediaTime * 1000) / init.timescale;
  const toMs = (ticks: number) => (ticks * 1000) / init.timescale;
  if (Math.abs(toMs(read.startTicks) - startMs) > slack) return 'lies at the wrong time';
  if (Math.abs(toMs(read.durationTicks) - segment.durationMs) > slack) return 'has the wrong length';
  if (rendition.kind === 'video' && !read.independent) return 'does not begin with a keyframe';
  return null;
}

async function readHead(
  path: string,
  init: InitSegment,
): Promise<{ read: MediaSegment | null; size: number }> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    for (const bytes of [headBytes, 16 * headBytes]) {
      const { buffer, bytesRead } = await handle.read(
        Buffer.allocUnsafe(Math.min(bytes, size)),
        0,
        undefined,
        0,
      );
      const read = readMediaSegment(buffer.subarray(0, bytesRead), init);
      if (read?.independent || bytesRead === size || (read && init.width === 0)) return { read, size };
    }
    return { read: null, size };
  } finally {
    await handle.close();
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
      ...['-of', 'csv=p=0', '-i', `file:${list}`],
    ]),
    timeoutMs: probeMs,
    ...(signal ? { signal } : {}),
  });
  if (ran.ended === 'cancelled') {
    throw new HeliographError('cancelled', 'the check of the renditions was cancelled');
  }
  const found = ran.stdout.split('\n').filter((line) => line !== '');
  for (const rendition of renditions) {
    const wanted = rendition.kind === 'video' ? `h264,${rendition.width},${rendition.height}` : 'aac';
    const at = found.indexOf(wanted);
    if (at < 0) throw broken(rendition, `a player finds no ${wanted.split(',')[0]} in it`);
    found.splice(at, 1);
  }
}

function broken(rendition: MadeRendition, why: string): HeliographError {
  return new HeliographError('ffmpeg-failed', `rendition ${rendition.id} is not playable: ${why}`);
}
