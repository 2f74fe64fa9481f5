/** One publishing job as it is kept on disk, and what the world sees of it. Pure. */
import { CID } from 'multiformats/cid';
import type { JobState, JobStep, JobView, PublishRequest } from '../../protocol/api.ts';
import type { StoredItem } from './store-item.ts';

/** JSON, so that a person can read it; CIDs are text. */
export interface Job {
  id: string;
  channel: string;
  request: PublishRequest;
  title: string;
  /** Base64; fixes the item's id before anything is made, so that a job done twice announces one item. */
  nonce: string;
  state: JobState;
  step: JobStep | null;
  /** What the store step made; from then on only announcing is left. */
  stored: {
    manifest: string;
    folder: string;
    poster: string | null;
    durationMs: number;
    hasVideo: boolean;
  } | null;
  item: string | null;
  /** How often the node went down while the job ran. */
  crashes: number;
  error: { code: string; message: string } | null;
  created: number;
  updated: number;
}

/** How far the running step is. */
export interface JobProgress {
  percent: number;
  speed: number | null;
  secondsLeft: number | null;
}

/** Share of a job that each step takes, in percent; transcoding is nearly all of it. */
const stepSpan: Record<JobStep, readonly [from: number, to: number]> = {
  probe: [0, 1],
  transcode: [1, 95],
  store: [95, 99],
  announce: [99, 100],
};

/** The percentage of the whole job when a step is this far. */
export function wholePercent(step: JobStep, stepPercent: number): number {
  const [from, to] = stepSpan[step];
  return Math.round((from + ((to - from) * Math.min(100, Math.max(0, stepPercent))) / 100) * 10) / 10;
}

export function jobView(job: Job, progress: JobProgress | undefined): JobView {
  const idle = { percent: job.state === 'done' ? 100 : 0, speed: null, secondsLeft: null };
  return {
    id: job.id,
    channel: job.channel,
    file: job.request.file,
    title: job.title,
    state: job.state,
    step: job.step,
    ...(progress ?? idle),
    item: job.item,
    error: job.error,
    created: new Date(job.created).toISOString(),
    updated: new Date(job.updated).toISOString(),
  };
}

export function packStored(stored: StoredItem): NonNullable<Job['stored']> {
  return {
    ...stored,
    manifest: stored.manifest.toString(),
    folder: stored.folder.toString(),
    poster: stored.poster?.toString() ?? null,
  };
}

export function unpackStored(packed: NonNullable<Job['stored']>): StoredItem {
  return {
    ...packed,
    manifest: CID.parse(packed.manifest),
    folder: CID.parse(packed.folder),
    poster: packed.poster === null ? null : CID.parse(packed.poster),
  };
}
