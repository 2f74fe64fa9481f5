/** Which renditions a source gets: pure, from what was probed and what is configured. */
import type { Config } from '../config.ts';
import type { Rate, Source } from './source.ts';

export type LadderSettings = Pick<Config['media'], 'segmentSeconds' | 'maxHeight' | 'copyTopRung' | 'preset'>;

export interface VideoRung {
  /** Unique and safe as a file name: `v1080`. */
  id: string;
  width: number;
  height: number;
  frameRate: Rate;
  /** Taken over as it is; the other rungs then put their keyframes where the source has them. */
  copy: boolean;
  /** Bits per second that the encoder may not pass for long. */
  maxBitrate: number;
}

export interface AudioRung {
  /** `a-en`, `a-und`, `a-en-2`. */
  id: string;
  /** Stream index in the source. */
  index: number;
  copy: boolean;
  /** 1 or 2. */
  channels: number;
  sampleRate: number;
  bitrate: number;
  language?: string;
  name: string;
  isDefault: boolean;
}

export interface SubtitleRung {
  id: string;
  index: number;
  language?: string;
  name: string;
  isDefault: boolean;
}

export interface Storyboard {
  /** Seconds from picture to picture. */
  interval: number;
  width: number;
  height: number;
  columns: number;
  rows: number;
}

/** All that is to be made of one source, widest video first. */
export interface Ladder {
  segmentSeconds: number;
  durationMs: number;
  preset: Config['media']['preset'];
  video: VideoRung[];
  audio: AudioRung[];
  subtitles: SubtitleRung[];
  storyboard: Storyboard | null;
  /** What a publisher may want to know, one sentence each: what is copied, what was left out. */
  notes: string[];
}

/** The renditions for a source: never larger than it, 240p to 2160p, at least one of video or audio. */
export function chooseLadder(_source: Source, _settings: LadderSettings): Ladder {
  throw new Error('in the making');
}
