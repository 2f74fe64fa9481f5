/** How far a job is, shown: a bar on a terminal, else a plain line every few percent. */
import { basename } from 'node:path';
import type { JobView } from '../../protocol/api.ts';
import { formatWait } from './duration.ts';
import { plainText } from './plain-text.ts';

/** A plain line is due after this many percent. */
const LINE_EVERY_PERCENT = 5;

export interface JobProgress {
  show(job: JobView): void;
  /** Takes the bar away and gives the terminal back. */
  end(): void;
}

/** `film.mp4: transcode 35 %, 1.8×, 2 min left`; what is not known is left out. */
export function progressLine(job: JobView): string {
  const parts =
    job.step === null ? [job.state] : [`${job.step} ${Math.floor(job.percent)} %`, ...paceOf(job)];
  return `${plainText(basename(job.file))}: ${parts.join(', ')}`;
}

/** Speed and time left, as far as they are known. */
export function paceOf(job: Pick<JobView, 'speed' | 'secondsLeft'>): string[] {
  return [
    ...(job.speed === null ? [] : [`${job.speed.toFixed(job.speed < 10 ? 1 : 0)}×`]),
    ...(job.secondsLeft === null ? [] : [`${formatWait(job.secondsLeft)} left`]),
  ];
}

/** Whether `next` says enough more than the line last `shown` to be worth another. */
export function isLineDue(shown: JobView | undefined, next: JobView): boolean {
  if (shown === undefined) return true;
  return shown.step !== next.step || next.percent - shown.percent >= LINE_EVERY_PERCENT;
}

/** Plain lines by `write`, for logs and pipes. */
export function createLineProgress(write: (line: string) => void): JobProgress {
  let shown: JobView | undefined;
  return {
    show(job) {
      if (!isLineDue(shown, job)) return;
      shown = job;
      write(progressLine(job));
    },
    end() {},
  };
}

/** A bar on a terminal. */
export async function createBarProgress(terminal: NodeJS.WriteStream): Promise<JobProgress> {
  const { default: progress } = await import('cli-progress');
  const bar = new progress.SingleBar({
    stream: terminal,
    format: '{file}  {step} {bar} {percentage} %  {pace}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(10, Math.min(40, (terminal.columns ?? 80) - 60)),
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is ours: it cancels the job first.
    gracefulExit: false,
  });
  let started = false;
  return {
    show(job) {
      const values = {
        file: plainText(basename(job.file)).slice(0, 24),
        step: (job.step ?? job.state).padEnd(9),
        pace: paceOf(job).join('  '),
      };
      if (started) bar.update(Math.floor(job.percent), values);
      else bar.start(100, Math.floor(job.percent), values);
      started = true;
    },
    end() {
      if (started) bar.stop();
    },
  };
}
