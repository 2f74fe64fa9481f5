/** kill −9 at every step of a job: after the restart the item is complete, or the failure is there to be seen. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ItemView, JobStep, JobView } from '../../protocol/api.ts';
import { eventually, NodeProcess } from './node-process.ts';
import { sampleFilm } from './sample-film.ts';

const run = promisify(execFile);
const quick = { media: { preset: 'ultrafast', maxHeight: 240 } } as const;

let directory: string;
let data: string;
let node: NodeProcess;
let clip: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heliograph-killed-'));
  data = join(directory, 'data');
  clip = join(directory, 'clip.mp4');
  await run('ffmpeg', ['-v', 'error', '-i', sampleFilm, '-t', '6', '-c', 'copy', clip]);
  node = await NodeProcess.start(data, quick);
});

afterEach(async () => {
  await node.kill();
  await rm(directory, { recursive: true, force: true });
});

/** The events of the studio's stream, as they come. */
async function* jobEvents(signal: AbortSignal): AsyncGenerator<JobView> {
  const { url, token } = JSON.parse(await readFile(join(data, 'studio.json'), 'utf8'));
  const response = await fetch(`${url}/control/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const messages = text.split('\n\n');
    text = messages.pop() ?? '';
    for (const message of messages) {
      const line = message.split('\n').find((part) => part.startsWith('data:'));
      if (line && message.includes('event: job')) yield JSON.parse(line.slice(5)) as JobView;
    }
  }
}

async function killAt(step: JobStep, start: () => Promise<unknown>): Promise<void> {
  const limit = AbortSignal.timeout(60_000);
  const events = jobEvents(limit);
  const first = events.next();
  await start();
  for (let event = await first; !event.done; event = await events.next()) {
    if (event.value.step === step) return node.kill();
    if (event.value.state === 'done') throw new Error(`the job was done before it was killed at "${step}"`);
  }
}

it.each(['probe', 'transcode', 'store', 'announce'] as const)('killed at "%s"', async (step) => {
  const { id: channel } = await node.cli<{ id: string }>('channel', 'create', 'Killed');
  await killAt(step, () => node.cli('publish', channel, clip, '--detach'));

  node = await NodeProcess.start(data, quick);
  const job = await eventually('the job ends', async () => {
    const [found] = await node.cli<JobView[]>('jobs');
    return found !== undefined && ['done', 'failed', 'cancelled'].includes(found.state) && found;
  });
  const { items } = await node.json<{ items: ItemView[] }>(`/api/v1/channels/${channel}/items`);
  expect(await readdir(join(data, 'jobs'))).toEqual([]);
  expect(job.state).toBe('done');
  expect(items.map(({ id }) => id)).toEqual([job.item]);
  const master = `${node.ready.gateway}/hls/items/${job.item}/master.m3u8`;
  const { stdout, stderr } = await run('ffprobe', [
    '-v',
    'error',
    '-show_entries',
    'format=duration',
    master,
  ]);
  expect(stderr).toBe('');
  expect(Number(/duration=([\d.]+)/.exec(stdout)?.[1])).toBeCloseTo(6, 0);
});

it('fails visibly when the film is gone after the restart', async () => {
  const { id: channel } = await node.cli<{ id: string }>('channel', 'create', 'Killed');
  await killAt('transcode', () => node.cli('publish', channel, clip, '--detach'));
  await rm(clip);
  node = await NodeProcess.start(data, quick);
  const job = await eventually('the job ends', async () => {
    const [found] = await node.cli<JobView[]>('jobs');
    return found?.state === 'failed' && found;
  });
  expect(job.error).toMatchObject({ message: expect.stringContaining('clip.mp4') });
  expect(await readdir(join(data, 'jobs'))).toEqual([]);
  const { items } = await node.json<{ items: ItemView[] }>(`/api/v1/channels/${channel}/items`);
  expect(items).toEqual([]);
});
