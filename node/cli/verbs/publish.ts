/** `publish CHANNEL FILE…`: has the node transcode and announce files, and shows how far it is. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { channelView, type JobView, jobView } from '../../../protocol/api.ts';
import { asHeliographError, HeliographError } from '../../errors.ts';
import { createBarProgress, createLineProgress, type JobProgress } from '../job-progress.ts';
import { apiPath, type StudioClient } from '../studio-client.ts';
import { onVerb, type VerbContext } from '../verb.ts';
import { cancelJob, hasEnded, watchJob } from '../watch-job.ts';
import { ownChannel } from './channel.ts';
import { addItemTextFlags, type ItemTextFlags, itemTexts } from './item.ts';

interface PublishFlags extends ItemTextFlags {
  detach?: boolean;
}

/** What became of one file; `--json` prints it. */
export interface Published {
  /** The job's id; null when the node refused the file outright. */
  job: string | null;
  file: string;
  channel: string;
  title: string | null;
  state: JobView['state'];
  /** The item's id once it is announced. */
  item: string | null;
  error: { code: string; message: string } | null;
}

export function addPublishVerb(program: Command): void {
  const publish = addItemTextFlags(
    program
      .command('publish <channel> <file...>')
      .description(
        'transcode and publish files; prints the id of each item (Ctrl-C cancels what is not done)',
      ),
  )
    .option('--detach', 'do not wait: print the id of each job and leave them to the node')
    .addHelpText(
      'after',
      '\nWith several files --episode counts up from the first. With --json one file gives one object\n' +
        '{"job","file","channel","title","state","item","error"}, several give an array of them.',
    );
  onVerb<PublishFlags, [string, string[]]>(publish, async (context, flags, channelText, names) => {
    if (flags.title !== undefined && names.length > 1)
      publish.error('error: --title fits one file, not several');
    const bodies = names.map((name, nth) => ({ file: resolve(name), ...itemTexts(publish, flags, nth) }));
    await refuseMissing(bodies);
    const studio = await context.studio();
    const channel = await ownChannel(studio, channelText);
    // A channel that is not this node's is refused once, not for each file.
    await studio.ask('GET', apiPath`/control/v1/channels/${channel}`, channelView);
    const submitted: Published[] = [];
    for (const body of bodies) submitted.push(await submit(studio, channel, body));
    const results = flags.detach ? submitted : await seeThrough(context, studio, submitted);
    for (const { job, error } of results) {
      if (flags.detach && job) context.say(job);
      if (flags.detach && error) context.warn(error.message);
    }
    const failed = results.some(({ state }) => state === 'failed' || state === 'cancelled');
    return { json: results.length === 1 ? results[0] : results, text: '', failed };
  });
}

/** A name that is mistyped stops all of it before the first job is made. */
async function refuseMissing(bodies: { file: string }[]): Promise<void> {
  for (const { file } of bodies) {
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
      const reason = error.code === 'ENOENT' ? 'no such file' : error.message;
      throw new HeliographError('unreadable', `${file}: ${reason}`, { cause: error });
    });
    if (found.isDirectory()) {
      throw new HeliographError('unreadable', `${file}: is a folder; name the files in it`);
    }
  }
}

async function submit(studio: StudioClient, channel: string, body: { file: string }): Promise<Published> {
  try {
    return published(await studio.ask('POST', apiPath`/control/v1/channels/${channel}/items`, jobView, body));
  } catch (error) {
    const { code, message } = asHeliographError(error);
    const nothing = { job: null, title: null, item: null };
    return { ...nothing, file: body.file, channel, state: 'failed', error: { code, message } };
  }
}

/** Waits for every job in turn; Ctrl-C has the node cancel those that are not done, a second one does not wait. */
async function seeThrough(
  { say, warn, note }: VerbContext,
  studio: StudioClient,
  submitted: Published[],
): Promise<Published[]> {
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(1);
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  const results: Published[] = [];
  try {
    for (const each of submitted) {
      const result = each.job === null ? each : await seeOne(studio, each.job, note, interrupt.signal);
      if (result.item) say(result.item);
      else warn(whyNot(result));
      results.push(result);
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
  return results;
}

async function seeOne(
  studio: StudioClient,
  id: string,
  note: VerbContext['note'],
  signal: AbortSignal,
): Promise<Published> {
  const progress = await chooseProgress(note);
  let job: JobView;
  try {
    job = await watchJob(studio, id, { signal, onLook: (look) => progress.show(look) });
  } catch (error) {
    const { code, message } = asHeliographError(error);
    if (code !== 'node-not-running') throw error;
    throw new HeliographError(code, `${message}; job ${id} goes on as soon as it runs`, { cause: error });
  } finally {
    progress.end();
  }
  return published(hasEnded(job) ? job : await cancelOrSeeEnd(studio, id));
}

/** A job that ends by itself just before it is cancelled is no failure. */
async function cancelOrSeeEnd(studio: StudioClient, id: string): Promise<JobView> {
  try {
    return await cancelJob(studio, id);
  } catch (error) {
    if (asHeliographError(error).code !== 'conflict') throw error;
    return studio.ask('GET', apiPath`/control/v1/jobs/${id}`, jobView);
  }
}

async function chooseProgress(note: VerbContext['note']): Promise<JobProgress> {
  if (process.stderr.isTTY) return createBarProgress(process.stderr);
  return createLineProgress((line) => note(`${line}\n`));
}

function published(job: JobView): Published {
  const { id, file, channel, title, state, item, error } = job;
  return { job: id, file, channel, title, state, item, error };
}

function whyNot({ file, state, error }: Published): string {
  if (state === 'cancelled') return `cancelled ${file}`;
  return error?.message ?? `${file} was not published: its job is ${state}`;
}
