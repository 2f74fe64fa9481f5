/** Asks ffprobe what a file holds and refuses, in one clear line, what cannot become a film. */
import { open, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { HeliographError } from '../errors.ts';
import type { Log } from '../log.ts';
import { inputOptions, looksLikeMp4, maxPixels } from './accepted.ts';
import { copyCandidate } from './copyable.ts';
import { type Ran, run } from './ffmpeg.ts';
import { guarded } from './guard.ts';
import { dataEnd, keyframeStretches, type Packet, readPacket, readPacketLine } from './keyframes.ts';
import { type ProbeJson, readStreams } from './read-streams.ts';
import type { Source } from './source.ts';
import type { Tools } from './tools.ts';

export interface ProbeOptions {
  tools: Tools;
  signal?: AbortSignal;
  log?: Log;
}

const probeMs = 60_000;
const wholeReadMs = 30 * 60_000;
const memoryBytes = 4 * 1024 ** 3;
/** Data that ends earlier than this share of the stated length is cut off; the slack is for the shortest clips. */
const leastShare = 0.98;
const slackMs = 250;
/** A file that states less than this and has no data has none to lose. */
const wordlessMs = 50;
/** The first seconds, for keyframes, and from the last keyframe there is on, for the true end: one run for both. */
const headAndTail = '%+8,99999999%';
const packetEntries = ['-show_entries', 'packet=stream_index,pts_time,duration_time,flags'];
/** Containers whose length ffprobe guesses from size and bitrate: there only the data itself can tell. */
const guessed = new Set(['mp3', 'aac', 'ac3', 'eac3', 'amr', 'h264', 'hevc', 'mpegvideo', 'dv']);

/**
 * Reads a local file's streams. The content decides, not the extension.
 * Throws `vanished`, `unreadable`, `not-media`, `truncated`, `unsupported-media`, `timeout` or `cancelled`; the
 * message names the file and the reason.
 */
export async function probe(path: string, options: ProbeOptions): Promise<Source> {
  const full = resolve(path);
  const { head, ...file } = await readHead(full);
  const streams = ['-show_format', '-show_streams', '-of', 'json'];
  let ran = await ffprobe(full, [...streams, ...packetEntries, '-read_intervals', headAndTail], options);
  // Some containers can't be searched for their end, broken ones above all.
  if (ran.code !== 0) ran = await ffprobe(full, streams, options);
  const json = readJson(ran);
  if ((json.streams ?? []).length === 0) {
    options.log?.debug({ path: full, stderr: ran.stderr }, 'ffprobe refused the file');
    throw await refusal(full, head, ran);
  }
  const source = readStreams(json, { path: full, ...file });
  refuseUnsupported(source, json);
  await readPackets(source, json, options);
  return source;
}

/** The name a person knows the file by, with nothing in it that could steer a terminal. */
export function fileName(path: string): string {
  return basename(path).replace(/\p{Cc}/gu, '?');
}

/** What the system says when a file can't be opened or read, as the error a person sees. */
export function fileError(path: string, error: unknown): HeliographError {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const name = fileName(path);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new HeliographError('vanished', `${name}: there is no such file (any more)`, { cause: error });
  }
  const reason =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission to read it is denied'
      : code === 'ELOOP'
        ? 'its symbolic links go in a circle'
        : `it can't be read (${code ?? String(error)})`;
  return new HeliographError('unreadable', `${name}: ${reason}`, { cause: error });
}

async function readHead(path: string): Promise<{ size: number; mtimeMs: number; head: Uint8Array }> {
  try {
    // Before opening: opening a pipe would wait for a writer.
    const before = await stat(path);
    if (!before.isFile()) {
      const kind = before.isDirectory() ? 'a folder' : 'not a regular file';
      throw new HeliographError('unreadable', `${fileName(path)}: it is ${kind}, not a film or sound file`);
    }
    const handle = await open(path, 'r');
    try {
      const { size, mtimeMs } = await handle.stat();
      if (size === 0) throw new HeliographError('not-media', `${fileName(path)}: the file is empty`);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, 0);
      return { size, mtimeMs, head: buffer.subarray(0, bytesRead) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof HeliographError ? error : fileError(path, error);
  }
}

async function ffprobe(
  path: string,
  args: string[],
  { tools, signal }: ProbeOptions,
  timeoutMs = probeMs,
): Promise<Ran> {
  const argv = [tools.ffprobe.path, '-v', 'error', ...args, ...inputOptions(path)];
  const limits = { memoryBytes, cpuSeconds: timeoutMs / 1000 };
  const ran = await run({
    argv: guarded(tools.guard, limits, argv),
    timeoutMs,
    ...(signal ? { signal } : {}),
  });
  const name = fileName(path);
  if (ran.ended === 'cancelled')
    throw new HeliographError('cancelled', `${name}: looking into it was cancelled`);
  if (ran.ended === 'timeout' || ran.killedBy === 'SIGXCPU') {
    throw new HeliographError(
      'timeout',
      `${name}: looking into it took longer than ${timeoutMs / 1000} s; the file is damaged or its disk too slow`,
    );
  }
  if (ran.ended === 'not-started') {
    throw new HeliographError('ffmpeg-missing', `${tools.ffprobe.path} could not be started`, {
      cause: ran.error,
    });
  }
  return ran;
}

async function refusal(path: string, head: Uint8Array, ran: Ran): Promise<HeliographError> {
  const gone = await readHead(path).then(
    () => null,
    (error: HeliographError) => error,
  );
  if (gone) return gone;
  const name = fileName(path);
  if (/Permission denied/.test(ran.stderr)) {
    return new HeliographError('unreadable', `${name}: permission to read it is denied`);
  }
  if (ran.killedBy) {
    return new HeliographError(
      'unsupported-media',
      `${name}: ffprobe crashed on it (${ran.killedBy}); the file is damaged or made to do harm`,
    );
  }
  if (looksLikeMp4(head) && /moov atom not found|partial file|End of file/.test(ran.stderr)) {
    return new HeliographError(
      'truncated',
      `${name}: the file is cut off: its index is missing (an unfinished download or recording?)`,
    );
  }
  return new HeliographError(
    'not-media',
    `${name}: this is not a film or sound file of a kind that can be published (such as MP4, MKV, TS, MP3, FLAC)`,
  );
}

function refuseUnsupported(source: Source, json: ProbeJson): void {
  const name = fileName(source.path);
  const { video, audio } = source;
  if (!video && audio.length === 0) {
    throw new HeliographError('not-media', `${name}: there is neither picture nor sound in it`);
  }
  if ((json.streams ?? []).some((s) => ['encv', 'enca', 'drmi', 'drms'].includes(s.codec_tag_string ?? ''))) {
    throw new HeliographError('unsupported-media', `${name}: it is encrypted (DRM) and can't be read`);
  }
  if (video && (video.codec === 'unknown' || video.codec === 'none')) {
    throw new HeliographError('unsupported-media', `${name}: its video is of a kind that ffmpeg can't read`);
  }
  if (video && video.width * video.height > maxPixels) {
    throw new HeliographError(
      'unsupported-media',
      `${name}: its picture of ${video.width}×${video.height} is larger than 8192×4320`,
    );
  }
}

/** Completes a source with what only its packets tell: keyframes, and whether the data goes as far as stated. */
async function readPackets(source: Source, json: ProbeJson, options: ProbeOptions): Promise<void> {
  const used = new Set([...(source.video ? [source.video.index] : []), ...source.audio.map((a) => a.index)]);
  const originMs = Number(json.format?.start_time ?? 0) * 1000 || 0;
  const stated = guessed.has(source.format) ? 0 : source.durationMs;
  const name = fileName(source.path);
  const packets = (json.packets ?? []).map(readPacket);
  let end = dataEnd(packets, used) - originMs;
  const short = () => end < stated * leastShare - slackMs;
  if (stated === 0 || short()) {
    // Only reading it through tells how long it is, and how much of it is there when its end could not be found.
    end = dataEnd(await allPackets(source.path, options), used) - originMs;
  }
  if (end <= 0) {
    throw stated > wordlessMs
      ? new HeliographError('truncated', `${name}: the file is cut off: there is nothing behind its header`)
      : new HeliographError('not-media', `${name}: there is no sound or picture data in it`);
  }
  if (short()) {
    const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
    throw new HeliographError(
      'truncated',
      `${name}: the file is cut off: its data ends after ${seconds(end)} of the ${seconds(stated)} it says it has`,
    );
  }
  if (stated === 0) source.durationMs = end;
  if (source.video && copyCandidate(source)) {
    const origin = originMs + source.video.startMs;
    source.video.keyframes = keyframeStretches(packets, source.video.index, origin);
  }
}

async function allPackets(path: string, options: ProbeOptions): Promise<Packet[]> {
  const ran = await ffprobe(path, [...packetEntries, '-of', 'csv=p=0'], options, wholeReadMs);
  return ran.stdout
    .split('\n')
    .map(readPacketLine)
    .filter((packet) => packet !== null);
}

/** What ffprobe said, which may be broken off when it failed. */
function readJson(ran: Ran): ProbeJson {
  if (ran.code !== 0) return {};
  try {
    return JSON.parse(ran.stdout) as ProbeJson;
  } catch {
    return {};
  }
}
