/** What a transcode hands over: renditions with their segments, and the pictures. */

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
