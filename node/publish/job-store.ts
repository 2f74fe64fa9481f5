/** Jobs on disk: every change of state is synced, so that a node killed at any step knows what it was doing. */
import type { Level } from 'level';
import type { Job } from './job.ts';

export interface JobStore {
  save(job: Job): Promise<void>;
  all(): Promise<Job[]>;
  remove(id: string): Promise<void>;
}

export function createJobStore(db: Level<string, unknown>): JobStore {
  const jobs = db.sublevel<string, Job>('jobs', { valueEncoding: 'json' });
  return {
    save: (job) =>
      db.batch<string, Job>([{ type: 'put', sublevel: jobs, key: job.id, value: job }], { sync: true }),
    all: () => jobs.values().all(),
    remove: (id) => jobs.del(id),
  };
}
