/** The queue of publishing jobs: one at a time, durable, cancellable; a killed node takes up where it was. */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, extname, isAbsolute, join } from 'node:path';
import { CID } from 'multiformats/cid';
import type { JobView, PublishRequest } from '../../protocol/api.ts';
import type { Config } from '../config.ts';
import type { Content } from '../content/content.ts';
import type { Release } from '../content/release.ts';
import { asHeliographError, HeliographError } from '../errors.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import type { Tools } from '../media/media.ts';
import type { ChannelDesk } from './channel-desk.ts';
import type { ItemDesk } from './item-desk.ts';
import { type Job, type JobProgress, jobView, wholePercent } from './job.ts';
import type { JobStore } from './job-store.ts';
import { runJob } from './run-job.ts';

/** Ended jobs beyond this many are forgotten, oldest first. */
const KEEP_ENDED = 200;
const MOST_CRASHES = 3;

export interface JobQueue extends Service {
  /** Puts a file in the queue; throws `forbidden` or `bad-request` before anything is written. */
  add(channel: string, request: PublishRequest): Promise<JobView>;
  list(): JobView[];
  get(id: string): JobView | undefined;
  /** Throws `conflict` when the job has ended. */
  cancel(id: string): Promise<JobView>;
  /** Puts a failed or cancelled job in the queue again. Throws `conflict` for any other. */
  retry(id: string): Promise<JobView>;
  on(listener: (job: JobView) => void): () => void;
  /** The pinned roots that jobs have stored and not announced yet. */
  roots(): Iterable<string>;
}

export function createJobQueue(options: {
  store: JobStore;
  /** Holds one directory for each running job. */
  directory: string;
  channels: Pick<ChannelDesk, 'secret'>;
  items: ItemDesk;
  content: Content;
  release: Release;
  tools: Tools;
  settings: Config['media'];
  reserveBytes: number;
  log: Log;
}): JobQueue {
  const { store, directory } = options;
  const log = scoped(options.log, 'node/publish/job-queue');
  const jobs = new Map<string, Job>();
  const progress = new Map<string, JobProgress>();
  const listeners = new Set<(job: JobView) => void>();
  let running: { id: string; abort: AbortController; ended: Promise<void> } | undefined;
  let stopping = false;

  const view = (job: Job): JobView =>
    jobView(job, job.state === 'running' ? progress.get(job.id) : undefined);

  function tell(job: Job): void {
    for (const listener of listeners) listener(view(job));
  }

  async function change(id: string, to: Partial<Job>): Promise<Job> {
    const job = { ...find(id), ...to, updated: Date.now() };
    await store.save(job);
    jobs.set(id, job);
    tell(job);
    return job;
  }

  function find(id: string): Job {
    const job = jobs.get(id);
    if (job === undefined) throw new HeliographError('not-found', `there is no job ${id}`);
    return job;
  }

  function next(): void {
    if (running !== undefined || stopping) return;
    const job = [...jobs.values()]
      .filter((j) => j.state === 'queued')
      .sort((a, b) => a.created - b.created)[0];
    if (job === undefined) return;
    const abort = new AbortController();
    const ended = work(job.id, abort.signal).finally(() => {
      running = undefined;
      next();
    });
    running = { id: job.id, abort, ended };
  }

  async function work(id: string, signal: AbortSignal): Promise<void> {
    const jobDirectory = join(directory, id);
    try {
      const job = await change(id, { state: 'running', error: null });
      const item = await runJob(job, {
        ...options,
        directory: jobDirectory,
        signal,
        record: async (to) => {
          if (to.step)
            progress.set(id, { percent: wholePercent(to.step, 0), speed: null, secondsLeft: null });
          await change(id, to);
        },
        progress: (step, now) => {
          progress.set(id, { ...now, percent: wholePercent(step, now.percent) });
          tell(find(id));
        },
      });
      await change(id, { state: 'done', step: null, item });
    } catch (error) {
      if (stopping) {
        await change(id, { state: 'queued' });
        return;
      }
      await fail(
        id,
        signal.aborted ? new HeliographError('cancelled', 'cancelled') : asHeliographError(error),
      );
    } finally {
      progress.delete(id);
      if (!stopping) await rm(jobDirectory, { recursive: true, force: true }).catch(() => {});
      await forgetOld().catch((error) => log.warn({ error }, 'old jobs could not be forgotten'));
    }
  }

  async function fail(id: string, error: HeliographError): Promise<void> {
    const { code, message } = error;
    if (code === 'internal') log.error({ job: id, error }, 'a job failed in a way nobody foresaw');
    const state = code === 'cancelled' ? 'cancelled' : 'failed';
    try {
      if (code === 'cancelled') await letGo(find(id));
      await change(id, { state, step: null, error: { code, message } });
    } catch (cause) {
      // The disk may be full: the failure must show all the same.
      log.error({ job: id, cause }, 'the end of a job could not be written down');
      const job: Job = { ...find(id), state, step: null, error: { code, message } };
      jobs.set(id, job);
      tell(job);
    }
  }

  /** What a job stored and will not announce is no longer kept. */
  async function letGo(job: Job): Promise<void> {
    if (job.stored === null) return;
    if (jobs.has(job.id)) jobs.set(job.id, { ...job, stored: null });
    await options.release(CID.parse(job.stored.manifest));
  }

  async function forgetOld(): Promise<void> {
    const ended = [...jobs.values()].filter(({ state }) => state !== 'queued' && state !== 'running');
    for (const job of ended.sort((a, b) => b.updated - a.updated).slice(KEEP_ENDED)) {
      await store.remove(job.id);
      jobs.delete(job.id);
      if (job.state !== 'done') await letGo(job);
    }
  }

  /** A job that takes the node down with it would do so for ever. */
  async function resume(job: Job): Promise<void> {
    const crashes = job.crashes + 1;
    if (crashes < MOST_CRASHES) {
      await change(job.id, { state: 'queued', crashes });
      return;
    }
    const message = `${basename(job.request.file)}: the node went down ${crashes} times while publishing it; retry it by hand`;
    await change(job.id, { state: 'failed', step: null, crashes: 0, error: { code: 'internal', message } });
  }

  async function sweep(): Promise<void> {
    for (const name of await readdir(directory).catch(() => [])) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }

  return {
    name: 'job queue',

    async start() {
      stopping = false;
      await sweep();
      for (const job of await store.all()) {
        jobs.set(job.id, job);
        if (job.state === 'running') await resume(job);
      }
      next();
    },

    async stop() {
      stopping = true;
      running?.abort.abort();
      await running?.ended;
      await sweep();
    },

    async add(channel, request) {
      options.channels.secret(channel);
      if (!isAbsolute(request.file)) {
        throw new HeliographError(
          'bad-request',
          `"${request.file}" must be an absolute path on the node's machine`,
        );
      }
      const created = Date.now();
      const job: Job = {
        id: randomBytes(6).toString('hex'),
        channel,
        request,
        title: request.title ?? titleOf(request.file),
        nonce: Buffer.from(options.items.newNonce()).toString('base64'),
        state: 'queued',
        step: null,
        stored: null,
        item: null,
        crashes: 0,
        error: null,
        created,
        updated: created,
      };
      await store.save(job);
      jobs.set(job.id, job);
      tell(job);
      next();
      return view(find(job.id));
    },

    list: () => [...jobs.values()].sort((a, b) => b.created - a.created).map(view),
    get(id) {
      const job = jobs.get(id);
      return job && view(job);
    },

    async cancel(id) {
      const job = find(id);
      if (job.state === 'queued') {
        // At once, so that it is not started while this is written down.
        jobs.set(id, { ...job, state: 'cancelled' });
        return view(
          await change(id, {
            state: 'cancelled',
            error: { code: 'cancelled', message: 'cancelled before it began' },
          }),
        );
      }
      if (running?.id !== id)
        throw new HeliographError('conflict', `job ${id} has ended already (${job.state})`);
      running.abort.abort();
      await running.ended;
      return view(find(id));
    },

    async retry(id) {
      const { state } = find(id);
      if (state !== 'failed' && state !== 'cancelled') {
        throw new HeliographError(
          'conflict',
          `job ${id} is ${state}; only a failed or cancelled job can be retried`,
        );
      }
      const job = await change(id, { state: 'queued', error: null });
      next();
      return view(job);
    },

    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    *roots() {
      for (const { state, stored } of jobs.values()) if (state !== 'done' && stored) yield stored.manifest;
    },
  };
}

/** A title for a file nobody named: its own name, without ending and underscores. */
function titleOf(file: string): string {
  return (
    basename(file, extname(file)).replaceAll(/[_.]+/g, ' ').trim().slice(0, 300) ||
    basename(file).slice(0, 300)
  );
}
