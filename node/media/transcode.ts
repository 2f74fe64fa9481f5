/** Makes every rendition, the poster and the storyboard of a source with one ffmpeg process. */
import type { Log } from '../log.ts';
import type { Ladder } from './ladder.ts';
import type { Progress } from './progress.ts';
import type { Source } from './source.ts';
import type { Tools } from './tools.ts';

export interface MadeSegment {
  /** Absolute path. */
  path: string;
  /** Bytes. */
  size: number;
  /** Whole milliseconds; summed over a rendition they are its exact length, rounded once. */
  durationMs: number;
}

export interface MadeRendition {
  /** Unique and safe as a file name: `v1080`, `a-en`, `s-en`. */
  id: string;
  kind: 'video' | 'audio' | 'subtitle';
  /** RFC 6381, such as `avc1.640028`, `mp4a.40.2`, `wvtt`. */
  codecs: string;
  width?: number;
  height?: number;
  /** Frames per second. */
  frameRate?: number;
  /** Peak, in bits per second, as RFC 8216 counts it. */
  bandwidth: number;
  averageBandwidth: number;
  /** BCP 47. */
  language?: string;
  /** For a menu: `English`, `English (commentary)`. */
  name?: string;
  isDefault: boolean;
  channels?: number;
  /** Absolute path of the initialisation segment; null for subtitles. */
  init: string | null;
  segments: MadeSegment[];
}

export interface Transcoded {
  durationMs: number;
  /** Video from largest to smallest, then audio, then subtitles. */
  renditions: MadeRendition[];
  /** Absolute path of a JPEG. */
  poster: string | null;
  /** Absolute paths; the WebVTT names its images by file name only. */
  storyboard: { vtt: string; images: string[] } | null;
  /** What a publisher may want to know, one sentence each. */
  notes: string[];
}

export interface Limits {
  /** Wall time of the whole transcode. */
  maxSeconds: number;
  /** Bytes of everything made; null: free space decides. */
  maxBytes: number | null;
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
  /** Left out: 48 hours, no limit of bytes, memory by the size of the picture. */
  limits?: Partial<Limits>;
  log?: Log;
}

/**
 * Makes all renditions of a ladder and checks each one before it returns.
 * Throws `cancelled`, `timeout`, `disk-full`, `too-large`, `truncated`, `vanished`, `unreadable` or `ffmpeg-failed`;
 * the message names the file and the reason. When it has thrown, no process of it runs any more.
 */
export async function transcode(_options: TranscodeOptions): Promise<Transcoded> {
  throw new Error('in the making');
}
