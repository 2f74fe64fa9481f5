/** Which renditions a source gets: pure, from what was probed and what is configured. */
import type { Config } from '../config.ts';
import { copyableVideo } from './copyable.ts';
import { evenRate } from './frame-rate.ts';
import type { Rate, Source, SourceVideo } from './source.ts';
import { type AudioRung, audioRungs, type SubtitleRung, subtitleRungs } from './tracks.ts';

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

/** One step of the ladder: a frame fits it when it fits 16:9 at this height (turned for upright pictures). */
interface Step {
  height: number;
  /** Bits per second at up to 30 frames per second. */
  maxBitrate: number;
}

const steps: Step[] = [
  { height: 2160, maxBitrate: 16_000_000 },
  { height: 1440, maxBitrate: 9_000_000 },
  { height: 1080, maxBitrate: 5_000_000 },
  { height: 720, maxBitrate: 2_800_000 },
  { height: 480, maxBitrate: 1_200_000 },
  { height: 360, maxBitrate: 700_000 },
  { height: 240, maxBitrate: 350_000 },
];
const highFrameRateFactor = 1.4;
/** A rung with more than this share of the pixels of the one above is not worth its bytes. */
const nearlySame = 0.75;

/** The renditions for a source: never larger than it, 240p to 2160p, at least one of video or audio. */
export function chooseLadder(source: Source, settings: LadderSettings): Ladder {
  const notes = [...source.notes];
  const { video } = source;
  const rungs = video ? videoRungs(source, video, settings) : [];
  const copied = rungs.find((rung) => rung.copy);
  if (copied) notes.push(`The ${copied.height}p rendition is the source's own video, not encoded again.`);
  return {
    segmentSeconds: settings.segmentSeconds,
    durationMs: source.durationMs,
    preset: settings.preset,
    video: rungs,
    audio: audioRungs(source),
    subtitles: subtitleRungs(source),
    storyboard: storyboardFor(rungs, source.durationMs),
    notes,
  };
}

/** The same ladder with everything encoded: for sources that turn out not to be what a sample of them promised. */
export function withoutCopy(ladder: Ladder, source: Source): Ladder {
  const frameRate = source.video ? evenRate(source.video) : null;
  return {
    ...ladder,
    video: ladder.video.map((rung) => ({ ...rung, frameRate: frameRate ?? rung.frameRate, copy: false })),
    audio: ladder.audio.map((rung) => ({ ...rung, copy: false })),
    notes: ladder.notes.filter((note) => !note.includes("source's own video")),
  };
}

function videoRungs(source: Source, video: SourceVideo, settings: LadderSettings): VideoRung[] {
  const frameRate = evenRate(video);
  const fast = frameRate.num / frameRate.den > 31 ? highFrameRateFactor : 1;
  const rungs: VideoRung[] = [];
  for (const [place, step] of steps.entries()) {
    if (step.height > settings.maxHeight) continue;
    const next = steps[place + 1];
    const scale = boxScale(video, step.height);
    // A source that fits the next step as it is belongs there.
    if (next && boxScale(video, next.height) === 1) continue;
    const above = rungs.at(-1);
    if (above && video.width * video.height * scale ** 2 > above.width * above.height * nearlySame) continue;
    const maxBitrate = Math.round(step.maxBitrate * fast);
    const top = rungs.length === 0;
    const copy =
      top &&
      scale === 1 &&
      settings.copyTopRung &&
      copyableVideo(source, settings.segmentSeconds, step.maxBitrate * fast);
    rungs.push({
      id: `v${step.height}`,
      width: copy ? video.width : even(video.width * scale),
      height: copy ? video.height : even(video.height * scale),
      frameRate: copy ? video.frameRate : frameRate,
      copy,
      maxBitrate,
    });
  }
  return rungs;
}

/** How much the picture must shrink to fit 16:9 at a height, either way up; 1 when it (all but) fits as it is. */
function boxScale(video: { width: number; height: number }, height: number): number {
  const long = Math.max(video.width, video.height);
  const short = Math.min(video.width, video.height);
  const scale = Math.min((height * 16) / 9 / long, height / short);
  // 854×480 and 1920×1088 are a hair too large for their own step.
  return scale >= 0.99 ? 1 : scale;
}

/** To the nearest even number below, since 4:2:0 needs even sizes and rounding up would be upscaling. */
function even(pixels: number): number {
  return Math.max(2, Math.floor((pixels + 0.01) / 2) * 2);
}

const storyboardBox = 160;

function storyboardFor(rungs: readonly VideoRung[], durationMs: number): Storyboard | null {
  const top = rungs[0];
  if (!top) return null;
  const scale = storyboardBox / Math.max(top.width, top.height);
  const minutes = durationMs / 60_000;
  return {
    interval: minutes <= 5 ? 2 : minutes <= 30 ? 5 : 10,
    width: even(top.width * scale),
    height: even(top.height * scale),
    columns: 5,
    rows: 5,
  };
}
