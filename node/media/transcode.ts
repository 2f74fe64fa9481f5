/** Makes every rendition, the poster and the storyboard of a source with one ffmpeg process. */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asHeliographError, HeliographError } from '../errors.ts';
import type { Log } from '../log.ts';
import { ffmpegArguments, files } from './arguments.ts';
import { collect, lengthOf } from './collect.ts';
import { cutAsAsked } from './cut.ts';
import { diskWasFull, failure } from './failure.ts';
import { type Ran, run } from './ffmpeg.ts';
import { guarded } from './guard.ts';
import { type Ladder, withoutCopy } from './ladder.ts';
import type { MadeRendition, Transcoded } from './made.ts';
import { outputMeter } from './output-meter.ts';
import { fileError, fileName } from './probe.ts';
import { type Progress, progressTracker } from './progress.ts';
import { outOfRoom } from './room.ts';
import type { Source } from './source.ts';
import { storyboardVtt } from './storyboard.ts';
import type { Tools } from './tools.ts';
import { verifyRenditions } from './verify.ts';

export interface Limits {
  /** Wall time of the whole transcode. */
  maxSeconds: number;
  /** Bytes of everything made; null: free space decides. */
  maxBytes: number | null;
  /** Free space on the disk that is left alone. */
  reserveBytes: number;
  /** Address space of the ffmpeg process; null: no limit. */
  maxMemoryBytes: number | null;
}

export interface TranscodeOptions {
  source: Source;
  ladder: Ladder;
  /** An existing, empty directory that the caller owns and removes; nothing is written outside of it. */
  outDir: string;
  tools: Tools;
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Left out: 48 hours, no limit of bytes, no reserve, 16 GiB of address space. */
  limits?: Partial<Limits>;
  log?: Log;
}

const defaultLimits: Limits = {
  maxSeconds: 48 * 3600,
  maxBytes: null,
  reserveBytes: 0,
  maxMemoryBytes: 16 * 1024 ** 3,
};
/** As for the probe: data that ends earlier than this share of the stated length is cut off. */
const leastShare = 0.98;
const slackMs = 250;
const watchMs = 500;

/**
 * Makes all renditions of a ladder and checks each one before it returns.
 * Throws `cancelled`, `timeout`, `disk-full`, `too-large`, `truncated`, `vanished`, `unreadable` or `ffmpeg-failed`;
 * the message names the file and the reason. When it has thrown, no process of it runs any more.
 */
export async function transcode(options: TranscodeOptions): Promise<Transcoded> {
  const { source } = options;
  // A second try after a copy that did not come out as sampled must not run the bar backwards.
  let highest = 0;
  const onProgress = (progress: Progress) => {
    highest = Math.max(highest, progress.percent);
    options.onProgress?.({ ...progress, percent: highest });
  };
  await refuseChanged(source);
  let { ladder } = options;
  let renditions: MadeRendition[];
  try {
    renditions = await makeAndCheck({ ...options, onProgress }, ladder);
  } catch (error) {
    if (!unfitToCopy(ladder, error)) throw error;
    options.log?.info(
      { path: source.path, why: String(error) },
      'the source can not be copied: encoding it all',
    );
    for (const name of await readdir(options.outDir)) {
      await rm(join(options.outDir, name), { recursive: true, force: true });
    }
    ladder = withoutCopy(ladder, source);
    renditions = await makeAndCheck({ ...options, onProgress }, ladder);
  }
  const durationMs = lengthOfFilm(renditions);
  const [video] = renditions;
  const pictures = await collectPictures(ladder, resolve(options.outDir), video ? lengthOf(video) : 0);
  onProgress({ step: 'check', percent: 100, speed: null, secondsLeft: 0 });
  return { durationMs, renditions, ...pictures, notes: ladder.notes };
}

async function makeAndCheck(options: TranscodeOptions, ladder: Ladder): Promise<MadeRendition[]> {
  const { source, onProgress } = options;
  try {
    const renditions = await make(options, ladder);
    onProgress?.({ step: 'check', percent: 99, speed: null, secondsLeft: null });
    refuseShort(source, renditions);
    if (ladder.video[0]?.copy && !cutAsAsked(renditions, ladder.segmentSeconds)) {
      throw new HeliographError('ffmpeg-failed', `${fileName(source.path)}: its keyframes lie too far apart`);
    }
    await verifyRenditions({ renditions }, options);
    // A file that is still being written to would be published in part.
    await refuseChanged(source);
    return renditions;
  } catch (error) {
    // Most else is no wonder when the file went away or changed meanwhile.
    const { code } = asHeliographError(error);
    if (code === 'ffmpeg-failed' || code === 'truncated') await refuseChanged(source);
    throw error;
  }
}

/** Copying takes what the source has on trust, beyond what was sampled: then encoding may still succeed. */
function unfitToCopy(ladder: Ladder, error: unknown): boolean {
  const copies = [...ladder.video, ...ladder.audio].some((rung) => rung.copy);
  const { code, cause } = asHeliographError(error);
  // One that was killed would only be killed again.
  return copies && code === 'ffmpeg-failed' && !(cause as Ran | undefined)?.killedBy;
}

function lengthOfFilm(renditions: readonly MadeRendition[]): number {
  return Math.max(0, ...renditions.filter(({ kind }) => kind !== 'subtitle').map(lengthOf));
}

function refuseShort(source: Source, renditions: readonly MadeRendition[]): void {
  const durationMs = lengthOfFilm(renditions);
  if (durationMs >= source.durationMs * leastShare - slackMs) return;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  throw new HeliographError(
    'truncated',
    `${fileName(source.path)}: its data ends after ${seconds(durationMs)} of the ${seconds(source.durationMs)} it says it has`,
  );
}

async function make(options: TranscodeOptions, ladder: Ladder): Promise<MadeRendition[]> {
  const { source, tools, signal, onProgress, log } = options;
  const outDir = resolve(options.outDir);
  const limits = { ...defaultLimits, ...options.limits };
  const name = fileName(source.path);
  const ids = [...ladder.video, ...ladder.audio, ...ladder.subtitles].map((rung) => rung.id);
  try {
    for (const id of ids) await mkdir(join(outDir, id), { recursive: true });
  } catch (error) {
    throw writeError(name, error);
  }
  const stop = new AbortController();
  const stopFor = (code: 'too-large' | 'disk-full', why: string) =>
    stop.abort(new HeliographError(code, `${name}: ${why}`));
  const rate = ladder.video[0]?.frameRate;
  const tracker = progressTracker(ladder.durationMs, rate ? rate.num / rate.den : 0, performance.now());
  const meter = outputMeter(
    outDir,
    [...ladder.video, ...ladder.audio].map((rung) => rung.id),
  );
  let metering = false;
  let ended = false;
  const watch = async () => {
    if (metering) return;
    metering = true;
    const { bytes, segments } = await meter();
    if (limits.maxBytes !== null && bytes > limits.maxBytes) {
      stopFor('too-large', `what is made of it passes ${limits.maxBytes} bytes`);
    }
    if (await outOfRoom(outDir, limits.reserveBytes)) stopFor('disk-full', 'the disk is full');
    metering = false;
    tracker.finished(segments * ladder.segmentSeconds * 1000);
    if (!ended) onProgress?.(tracker.report(performance.now()));
  };
  const watching = setInterval(() => void watch(), watchMs);
  const args = ffmpegArguments({ source, ladder, version: tools.ffmpeg.version, tonemap: tools.tonemap });
  log?.debug({ args }, 'starting ffmpeg');
  const ran = await run({
    argv: guarded(tools.guard, { memoryBytes: limits.maxMemoryBytes, cpuSeconds: null }, [
      tools.ffmpeg.path,
      ...args,
    ]),
    cwd: outDir,
    timeoutMs: limits.maxSeconds * 1000,
    signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    onLine: tracker.line,
  });
  ended = true;
  clearInterval(watching);
  log?.debug({ ended: ran.ended, code: ran.code, stderr: ran.stderr }, 'ffmpeg ended');
  if (stop.signal.aborted && !signal?.aborted) throw stop.signal.reason;
  if (ran.ended !== 'exited' || ran.code !== 0) {
    throw failure(name, ran, limits.maxSeconds);
  }
  // The muxer goes on after failed writes, so a good exit code alone proves nothing.
  if (diskWasFull(ran) || (await outOfRoom(outDir, 0))) {
    throw new HeliographError('disk-full', `${name}: the disk is full`);
  }
  return collect(ladder, outDir);
}

/** Throws when the file is gone or no longer the one that was probed. */
async function refuseChanged(source: Source): Promise<void> {
  const now = await stat(source.path).catch((error: unknown) => {
    throw fileError(source.path, error);
  });
  if (now.size !== source.size || now.mtimeMs !== source.mtimeMs) {
    throw new HeliographError(
      'vanished',
      `${fileName(source.path)}: the file changed while it was being read`,
    );
  }
}

function writeError(name: string, error: unknown): HeliographError {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new HeliographError('disk-full', `${name}: the disk is full`, { cause: error })
    : new HeliographError('internal', `${name}: working files can't be written (${code})`, { cause: error });
}

async function collectPictures(
  ladder: Ladder,
  outDir: string,
  videoMs: number,
): Promise<Pick<Transcoded, 'poster' | 'storyboard'>> {
  const names = await readdir(outDir);
  const poster = names.includes(files.poster) ? join(outDir, files.poster) : null;
  const images: string[] = [];
  while (names.includes(files.sheet(images.length))) images.push(files.sheet(images.length));
  if (!ladder.storyboard || images.length === 0) return { poster, storyboard: null };
  const vtt = join(outDir, files.storyboard);
  try {
    await writeFile(vtt, storyboardVtt(ladder.storyboard, videoMs, images.length));
  } catch (error) {
    throw writeError(files.storyboard, error);
  }
  return { poster, storyboard: { vtt, images: images.map((name) => join(outDir, name)) } };
}
