/** What a media file holds: the picture of a source that probing fills and the ladder reads. */

/** A frame rate as ffmpeg writes it: exact, in frames per second. */
export interface Rate {
  num: number;
  den: number;
}

/** Keyframe times as sampled in one stretch of the file: milliseconds, counted from the file's start. */
export interface KeyframeStretch {
  fromMs: number;
  toMs: number;
  keyframesMs: number[];
  /** False when pictures after a keyframe lean on those before it, so that a cut there would not stand alone. */
  closed: boolean;
}

export interface SourceVideo {
  /** Stream index in the file. */
  index: number;
  codec: string;
  profile: string;
  pixelFormat: string;
  /** Size as it is to be shown: rotation applied, pixels made square; may still be odd. */
  width: number;
  height: number;
  /** True when the coded picture already is what is to be shown (no rotation, square pixels). */
  plain: boolean;
  frameRate: Rate;
  /** True when frames do not come at even distances. */
  variable: boolean;
  interlaced: boolean;
  transfer: 'sdr' | 'pq' | 'hlg';
  /** True when black is 0 and white 255 (`pc`), not 16 and 235 as television has it. */
  fullRange: boolean;
  startMs: number;
  /** Bits per second; 0 when unknown. */
  bitrate: number;
  keyframes: KeyframeStretch[];
}

export interface SourceAudio {
  index: number;
  codec: string;
  profile: string;
  channels: number;
  sampleRate: number;
  bitrate: number;
  startMs: number;
  /** BCP 47, when the file says. */
  language?: string;
  title?: string;
  isDefault: boolean;
}

export interface SourceSubtitle {
  index: number;
  codec: string;
  language?: string;
  title?: string;
  isDefault: boolean;
}

/** One probed file. `durationMs` is the length of its sound and picture, whichever is longer. */
export interface Source {
  /** Absolute path. */
  path: string;
  /** Bytes and time of last change when probed: a file that changes later is refused. */
  size: number;
  mtimeMs: number;
  /** ffprobe's name of the container, such as `mov,mp4,m4a,3gp,3g2,mj2`. */
  format: string;
  durationMs: number;
  /** The container's own title, if it has one. */
  title?: string;
  video: SourceVideo | null;
  audio: SourceAudio[];
  subtitles: SourceSubtitle[];
  /** Stream index of an attached picture. */
  cover: number | null;
  /** What was left out and why, one sentence each, such as bitmap subtitles. */
  notes: string[];
}
