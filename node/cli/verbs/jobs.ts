/** `jobs`, `jobs cancel|retry`: what is being made. */
import { basename } from 'node:path';
import type { Command } from 'commander';
import { type JobView, jobsView, jobView } from '../../../protocol/api.ts';
import { paceOf } from '../job-progress.ts';
import { apiPath } from '../studio-client.ts';
import { formatTable } from '../table.ts';
import { onVerb } from '../verb.ts';
import { cancelJob } from '../watch-job.ts';

export function addJobsVerbs(program: Command): void {
  const jobs = program
    .command('jobs')
    .description('list what is being made')
    .argument('[verb]', 'cancel or retry')
    .usage('[options] [command]');
  onVerb<object, [string | undefined]>(jobs, async ({ studio }, _flags, unknown) => {
    if (unknown !== undefined) {
      jobs.error(`error: unknown command 'jobs ${unknown}'\n(Did you mean jobs cancel or jobs retry?)`);
    }
    const { jobs: found } = await (await studio()).ask('GET', '/control/v1/jobs', jobsView);
    const header = ['ID', 'FILE', 'STATE', 'PROGRESS', 'ITEM'];
    return { json: found, text: formatTable(header, found.map(row), 'no jobs') };
  });

  const cancel = jobs.command('cancel <id>').description('stop a job; nothing of it is announced');
  onVerb(cancel, async ({ studio }, _flags, id = '') => {
    const job = await cancelJob(await studio(), id);
    return { json: job, text: `${job.state} ${job.id}` };
  });

  const retry = jobs.command('retry <id>').description('start a failed or cancelled job again');
  onVerb(retry, async ({ studio }, _flags, id = '') => {
    const job = await (await studio()).ask('POST', apiPath`/control/v1/jobs/${id}/retry`, jobView);
    return { json: job, text: `${job.state} ${job.id}` };
  });
}

function row(job: JobView): string[] {
  const moving = job.state === 'running';
  const progress = moving
    ? [`${job.step ?? ''} ${Math.floor(job.percent)} %`, ...paceOf(job)].join(', ')
    : (job.error?.message ?? '');
  return [job.id, basename(job.file), job.state, progress, job.item ?? ''];
}
