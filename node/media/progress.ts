/** How far a transcode is, from what ffmpeg reports: pure, and never running backwards. */

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

/** Reads the lines of `ffmpeg -progress`; answers with a report at the end of each block, else null. */
export function progressReader(durationMs: number): (line: string) => Progress | null {
  let percent = 0;
  let outMs = 0;
  let speed: number | null = null;
  return (line) => {
    const [key, value = ''] = line.trim().split('=');
    if (key === 'out_time_us' || key === 'out_time_ms') {
      // Both are microseconds, by an old mistake that ffmpeg keeps.
      const ms = Number(value) / 1000;
      if (Number.isFinite(ms)) outMs = Math.max(outMs, Math.min(ms, durationMs));
    }
    if (key === 'speed') {
      const factor = Number.parseFloat(value);
      speed = Number.isFinite(factor) && factor > 0 ? factor : speed;
    }
    if (key !== 'progress') return null;
    const share = durationMs > 0 ? outMs / durationMs : 0;
    percent = Math.max(percent, Math.min(transcodeShare, share * transcodeShare));
    const secondsLeft = speed === null ? null : Math.max(0, (durationMs - outMs) / 1000 / speed);
    return { step: 'transcode', percent, speed, secondsLeft };
  };
}
