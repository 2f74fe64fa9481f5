/** How far a transcode is, from frames counted and segments finished: pure, and never running backwards. */

export interface Progress {
  /** What is being done, in words fit for a progress bar: `transcode`, `check`. */
  step: string;
  /** 0 to 100, never falling within a job. */
  percent: number;
  /** Seconds of film made in one second; null while unknown. */
  speed: number | null;
  secondsLeft: number | null;
}

/** The share of a job that is the transcode itself; the rest is checking what was made. */
const transcodeShare = 99;
/** Speed is that of the last while, so that it follows a machine that gets busy. */
const windowMs = 15_000;
const settleMs = 1_000;

export interface ProgressTracker {
  /** A line of `ffmpeg -progress`. Its out_time is no use: it runs ahead with the storyboard's sheets. */
  line(line: string): void;
  /** Milliseconds of film finished as segments, which is known before ffmpeg's first report. */
  finished(ms: number): void;
  report(nowMs: number): Progress;
}

/** `framesPerSecond` is that of the first video rendition; 0 when there is none. Times are of any steady clock. */
export function progressTracker(
  durationMs: number,
  framesPerSecond: number,
  startedMs: number,
): ProgressTracker {
  let madeMs = 0;
  const marks = [{ nowMs: startedMs, madeMs: 0 }];
  const reach = (ms: number) => {
    if (Number.isFinite(ms)) madeMs = Math.max(madeMs, Math.min(ms, durationMs));
  };
  return {
    line(line) {
      const frames = /^frame=\s*(\d+)/.exec(line)?.[1];
      if (frames && framesPerSecond > 0) reach((Number(frames) * 1000) / framesPerSecond);
    },
    finished: reach,
    report(nowMs) {
      marks.push({ nowMs, madeMs });
      while (marks.length > 2 && (marks[1]?.nowMs ?? nowMs) <= nowMs - windowMs) marks.shift();
      const from = marks[0] ?? { nowMs, madeMs };
      const took = nowMs - from.nowMs;
      const speed = took >= settleMs && madeMs > from.madeMs ? (madeMs - from.madeMs) / took : null;
      return {
        step: 'transcode',
        percent: durationMs > 0 ? (madeMs / durationMs) * transcodeShare : 0,
        speed,
        secondsLeft: speed === null ? null : (durationMs - madeMs) / 1000 / speed,
      };
    },
  };
}
