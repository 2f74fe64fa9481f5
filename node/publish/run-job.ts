/** The steps of one job, each safe to repeat: probe, transcode, store, announce. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobStep } from '../../protocol/api.ts';
import { MAX_SEGMENTS } from '../../protocol/constants.ts';
import type { Config } from '../config.ts';
import type { Content } from '../content/content.ts';
import { asHeliographError, HeliographError } from '../errors.ts';
import type { Log } from '../log.ts';
import { chooseLadder, probe, type Source, type Tools, type Transcoded, transcode } from '../media/media.ts';
import { guessKind, type ItemDesk, type ItemTexts } from './item-desk.ts';
import { type Job, type JobProgress, packStored, unpackStored } from './job.ts';
import { type StoredItem, storeItem } from './store-item.ts';

export interface JobContext {
  /** The directory of this job alone; removed when the job ends. */
  directory: string;
  content: Content;
  items: ItemDesk;
  tools: Tools;
  settings: Config['media'];
  /** Bytes of the disk that making renditions leaves free. */
  reserveBytes: number;
  log: Log;
  signal: AbortSignal;
  /** Notes on disk that a step begins, or what it made. */
  record(change: Partial<Job>): Promise<void>;
  progress(step: JobStep, now: JobProgress): void;
}

/** Runs what is left of a job; resolves with the announced item's id. */
export async function runJob(job: Job, context: JobContext): Promise<string> {
  const stored = (await storedBefore(job, context)) ?? (await makeAndStore(job, context));
  await context.record({ step: 'announce' });
  context.signal.throwIfAborted();
  return context.items.announce(job.channel, Buffer.from(job.nonce, 'base64'), textsOf(job, stored), stored);
}

/** What the job stored before the node went down, if all of it is there. */
async function storedBefore(job: Job, { content, signal }: JobContext): Promise<StoredItem | null> {
  if (job.stored === null) return null;
  const stored = unpackStored(job.stored);
  try {
    await content.pin(stored.manifest, { signal });
    return stored;
  } catch (error) {
    if (asHeliographError(error).code !== 'not-found') throw error;
    return null;
  }
}

async function makeAndStore(job: Job, context: JobContext): Promise<StoredItem> {
  const { signal, tools, directory, content } = context;
  await context.record({ step: 'probe' });
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const source = await probe(job.request.file, { tools, signal });
  await context.record({ step: 'transcode' });
  const made = await makeRenditions(job, source, context);
  await context.record({ step: 'store' });
  await refuseChangedSource(source);
  await content.makeRoom(bytesOf(made), { signal });
  const stored = await content.hold(async () => {
    const result = await storeItem(made, {
      content,
      signal,
      onProgress: (share) =>
        context.progress('store', { percent: share * 100, speed: null, secondsLeft: null }),
    });
    // Noted before it is pinned: letting go of the same film elsewhere must not let go of this one.
    await context.record({ stored: packStored(result) });
    await content.pin(result.manifest);
    await content.sync();
    return result;
  });
  await rm(directory, { recursive: true, force: true });
  return stored;
}

async function makeRenditions(job: Job, source: Source, context: JobContext): Promise<Transcoded> {
  const { settings } = context;
  const outDir = join(context.directory, 'renditions');
  await mkdir(outDir);
  const shortest = Math.ceil(source.durationMs / 1000 / MAX_SEGMENTS);
  const ladder = chooseLadder(source, {
    ...settings,
    segmentSeconds: Math.max(settings.segmentSeconds, shortest),
  });
  const made = await transcode({
    source,
    ladder,
    outDir,
    tools: context.tools,
    signal: context.signal,
    onProgress: ({ percent, speed, secondsLeft }) =>
      context.progress('transcode', { percent, speed, secondsLeft }),
    limits: { maxSeconds: settings.maxJobHours * 3600, reserveBytes: context.reserveBytes },
    log: context.log,
  });
  for (const note of made.notes) context.log.info({ job: job.id, note }, 'said of the source');
  return made;
}

function bytesOf(made: Transcoded): number {
  const segments = made.renditions.flatMap((rendition) => rendition.segments);
  return segments.reduce((sum, { size }) => sum + size, 0);
}

/** A file that changed while it was read would give an item that is neither the old film nor the new one. */
async function refuseChangedSource(source: Source): Promise<void> {
  const now = await stat(source.path).catch(() => null);
  if (now === null)
    throw new HeliographError('vanished', `${source.path} vanished while it was being published`);
  if (now.size !== source.size || now.mtimeMs !== source.mtimeMs) {
    throw new HeliographError(
      'vanished',
      `${source.path} changed while it was being published; publish it again`,
    );
  }
}

function textsOf(job: Job, stored: StoredItem): ItemTexts {
  const { request } = job;
  const series = request.series ?? null;
  return {
    title: job.title,
    description: request.description ?? '',
    credits: request.credits ?? '',
    language: request.language ?? null,
    series,
    kind: request.kind ?? guessKind(stored, series),
  };
}
