/** Reads ffprobe's JSON into a source: pure, so that every odd file can be a test vector. */
import type { PacketJson } from './keyframes.ts';
import type { Rate, Source, SourceAudio, SourceSubtitle, SourceVideo } from './source.ts';

/** The part of `ffprobe -show_format -show_streams -show_packets -of json` that is read. All of it may be missing. */
export interface ProbeJson {
  format?: {
    format_name?: string;
    duration?: string;
    start_time?: string;
    bit_rate?: string;
    tags?: Record<string, string>;
  };
  streams?: ProbeStream[];
  packets?: PacketJson[];
}

export interface ProbeStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  codec_tag_string?: string;
  profile?: string;
  pix_fmt?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  field_order?: string;
  color_range?: string;
  color_transfer?: string;
  r_frame_rate?: string;
  avg_frame_rate?: string;
  start_time?: string;
  duration?: string;
  bit_rate?: string;
  channels?: number;
  sample_rate?: string;
  tags?: Record<string, string>;
  disposition?: Record<string, number>;
  side_data_list?: { side_data_type?: string; rotation?: number }[];
}

const maxAudioTracks = 16;
const maxSubtitleTracks = 32;
const textSubtitles = new Set(['subrip', 'srt', 'ass', 'ssa', 'mov_text', 'webvtt', 'text']);
const transfers: Record<string, SourceVideo['transfer']> = { smpte2084: 'pq', 'arib-std-b67': 'hlg' };

/** All of a source but what only reading packets can tell (keyframes, the true end of the data). */
export function readStreams(json: ProbeJson, file: Pick<Source, 'path' | 'size' | 'mtimeMs'>): Source {
  const streams = json.streams ?? [];
  const notes: string[] = [];
  const fileStartMs = milliseconds(json.format?.start_time);
  const pictures = streams.filter((s) => s.codec_type === 'video' && isMoving(s) && (s.width ?? 0) > 0);
  const picture = pictures.find((s) => s.disposition?.default === 1) ?? pictures[0];
  if (pictures.length > 1) notes.push(`Only one of ${pictures.length} video streams is used.`);
  const sounds = streams.filter((s) => s.codec_type === 'audio' && (s.channels ?? 0) > 0 && s.codec_name);
  if (sounds.length > maxAudioTracks) notes.push(`Only the first ${maxAudioTracks} audio tracks are used.`);
  const texts = streams.filter((s) => s.codec_type === 'subtitle' && textSubtitles.has(s.codec_name ?? ''));
  const bitmaps = streams.filter(
    (s) => s.codec_type === 'subtitle' && !textSubtitles.has(s.codec_name ?? ''),
  );
  if (bitmaps.length > 0) {
    notes.push(
      `${bitmaps.length} subtitle ${bitmaps.length === 1 ? 'track is' : 'tracks are'} left out: pictures, not text.`,
    );
  }
  const used = [...(picture ? [picture] : []), ...sounds];
  const longest = Math.max(0, ...used.map((stream) => streamEndMs(stream, fileStartMs)));
  const title = json.format?.tags?.title ?? json.format?.tags?.TITLE;
  return {
    ...file,
    format: json.format?.format_name ?? '',
    durationMs: longest || milliseconds(json.format?.duration),
    ...(title ? { title } : {}),
    video: picture ? readVideo(picture, fileStartMs, Number(json.format?.bit_rate ?? 0) || 0) : null,
    audio: sounds.slice(0, maxAudioTracks).map((s) => readAudio(s, fileStartMs)),
    subtitles: texts.slice(0, maxSubtitleTracks).map(readSubtitle),
    cover: streams.find((s) => s.codec_type === 'video' && !isMoving(s))?.index ?? null,
    notes,
  };
}

function isMoving(stream: ProbeStream): boolean {
  return stream.disposition?.attached_pic !== 1 && stream.disposition?.timed_thumbnails !== 1;
}

function readVideo(stream: ProbeStream, fileStartMs: number, fileBitrate: number): SourceVideo {
  const [parNum, parDen] = ratio(stream.sample_aspect_ratio, ':');
  const par = parNum > 0 && parDen > 0 ? parNum / parDen : 1;
  const rotation = stream.side_data_list?.find((data) => typeof data.rotation === 'number')?.rotation ?? 0;
  const turned = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  const codedWidth = stream.width ?? 0;
  const codedHeight = stream.height ?? 0;
  // Stretch rather than squeeze, so that making pixels square loses no line of the picture.
  const width = Math.round(par >= 1 ? codedWidth * par : codedWidth);
  const height = Math.round(par >= 1 ? codedHeight : codedHeight / par);
  const average = rate(stream.avg_frame_rate);
  const nominal = rate(stream.r_frame_rate);
  const frameRate = average ?? nominal ?? { num: 25, den: 1 };
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    profile: stream.profile ?? '',
    pixelFormat: stream.pix_fmt ?? '',
    width: turned ? height : width,
    height: turned ? width : height,
    plain: Math.abs(par - 1) < 0.002 && Math.round(rotation) % 360 === 0,
    frameRate: nominal && close(nominal, frameRate) ? nominal : frameRate,
    variable: !nominal || !average || !close(nominal, average),
    interlaced: ['tt', 'bb', 'tb', 'bt'].includes(stream.field_order ?? ''),
    fullRange: stream.color_range === 'pc' || (stream.pix_fmt ?? '').startsWith('yuvj'),
    transfer: transfers[stream.color_transfer ?? ''] ?? 'sdr',
    startMs: milliseconds(stream.start_time) - fileStartMs,
    bitrate: Number(stream.bit_rate ?? stream.tags?.BPS ?? 0) || fileBitrate,
    keyframes: [],
  };
}

function readAudio(stream: ProbeStream, fileStartMs: number): SourceAudio {
  return {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    profile: stream.profile ?? '',
    channels: stream.channels ?? 2,
    sampleRate: Number(stream.sample_rate ?? 0) || 48_000,
    bitrate: Number(stream.bit_rate ?? stream.tags?.BPS ?? 0) || 0,
    startMs: milliseconds(stream.start_time) - fileStartMs,
    ...described(stream),
  };
}

function readSubtitle(stream: ProbeStream): SourceSubtitle {
  return { index: stream.index, codec: stream.codec_name ?? 'unknown', ...described(stream) };
}

function described(stream: ProbeStream): { language?: string; title?: string; isDefault: boolean } {
  const found = language(stream.tags?.language ?? stream.tags?.LANGUAGE);
  const title = stream.tags?.title ?? stream.tags?.TITLE;
  return {
    ...(found ? { language: found } : {}),
    ...(title ? { title } : {}),
    isDefault: stream.disposition?.default === 1,
  };
}

/** BCP 47 for what containers write (`eng`, `ger`, `pt-BR`); undefined when they say nothing. */
export function language(tag: string | undefined): string | undefined {
  if (!tag) return undefined;
  try {
    const canonical = Intl.getCanonicalLocales(tag.trim().replaceAll('_', '-'))[0];
    return canonical && !['und', 'zxx', 'mul', 'mis'].includes(canonical) ? canonical : undefined;
  } catch {
    return undefined;
  }
}

/** Where a stream ends, counted from the start of the file; 0 when it does not say. */
function streamEndMs(stream: ProbeStream, fileStartMs: number): number {
  const stated = milliseconds(stream.duration);
  if (stated > 0) return stated + Math.max(0, milliseconds(stream.start_time) - fileStartMs);
  // Matroska says where streams end only in this tag, `00:01:02.345000000`.
  const parts = (stream.tags?.DURATION ?? '').split(':').map(Number);
  const [hours, minutes, seconds] = parts;
  if (hours === undefined || minutes === undefined || seconds === undefined) return 0;
  const total = (hours * 3600 + minutes * 60 + seconds) * 1000;
  return Number.isFinite(total) ? total : 0;
}

function milliseconds(seconds: string | undefined): number {
  const value = Number(seconds ?? 0) * 1000;
  return Number.isFinite(value) ? value : 0;
}

function ratio(text: string | undefined, separator: string): [number, number] {
  const [a, b] = (text ?? '').split(separator).map(Number);
  return [a && Number.isFinite(a) ? a : 0, b && Number.isFinite(b) ? b : 0];
}

function rate(text: string | undefined): Rate | null {
  const [num, den] = ratio(text, '/');
  return num > 0 && den > 0 && num / den >= 0.01 && num / den <= 1000 ? { num, den } : null;
}

function close(a: Rate, b: Rate): boolean {
  return Math.abs((a.num * b.den) / (a.den * b.num) - 1) < 0.005;
}
