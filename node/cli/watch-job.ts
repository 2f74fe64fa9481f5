/** Follows a job of the node to its end. */
import { setTimeout as wait } from 'node:timers/promises';
import { type JobView, jobView } from '../../protocol/api.ts';
import { apiPath, type StudioClient } from './studio-client.ts';

const LOOK_EVERY_MS = 250;
const CANCEL_WITHIN_MS = 20_000;

export function hasEnded(job: JobView): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/**
 * Looks at a job until it has ended or the signal says stop; each look before its end is given to `onLook`.
 * The last is returned.
 */
export async function watchJob(
  studio: StudioClient,
  id: string,
  { signal, onLook = () => {} }: { signal: AbortSignal; onLook?: (job: JobView) => void },
): Promise<JobView> {
  for (;;) {
    const job = await studio.ask('GET', apiPath`/control/v1/jobs/${id}`, jobView);
    if (hasEnded(job)) return job;
    onLook(job);
    if (signal.aborted) return job;
    await wait(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** Asks the node to cancel a job and waits until it has ended, or for some seconds. The last look is returned. */
export async function cancelJob(studio: StudioClient, id: string): Promise<JobView> {
  const job = await studio.ask('POST', apiPath`/control/v1/jobs/${id}/cancel`, jobView);
  if (hasEnded(job)) return job;
  return watchJob(studio, id, { signal: AbortSignal.timeout(CANCEL_WITHIN_MS) });
}
