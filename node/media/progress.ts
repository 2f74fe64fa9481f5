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
