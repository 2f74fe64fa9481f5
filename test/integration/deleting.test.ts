/** Deleting frees the disk, but never what another item still uses. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ItemView, StatusView } from '../../protocol/api.ts';
import { eventually, NodeProcess } from './node-process.ts';
import { sampleFilm } from './sample-film.ts';

const run = promisify(execFile);
const quick = { media: { preset: 'ultrafast', maxHeight: 240 } } as const;

let directory: string;
let node: NodeProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heliograph-deleting-'));
  node = await NodeProcess.start(join(directory, 'data'), quick);
});

afterAll(async () => {
  await node?.kill();
  await rm(directory, { recursive: true, force: true });
});

const used = async () => (await node.cli<StatusView>('status')).diskUsed;
const status = async (item: string) =>
  (await fetch(`${node.ready.gateway}/hls/items/${item}/v240/00001.m4s`)).status;

it('keeps a film that two items share until both are gone, over a restart too', async () => {
  const clip = join(directory, 'clip.mp4');
  await run('ffmpeg', ['-v', 'error', '-i', sampleFilm, '-t', '4', '-c', 'copy', clip]);
  const { id: channel } = await node.cli<{ id: string }>('channel', 'create', 'Deleting');
  const publish = async () => (await node.cli<{ item: string }>('publish', channel, clip)).item;
  const [first, second] = [await publish(), await publish()];
  const views = await Promise.all([first, second].map((id) => node.json<ItemView>(`/api/v1/items/${id}`)));
  expect(views[0]?.manifest).toBe(views[1]?.manifest);
  const full = await used();

  await node.cli('item', 'delete', first);
  await node.stop();
  node = await NodeProcess.start(join(directory, 'data'), quick);
  expect(await status(first)).toBe(404);
  expect(await status(second)).toBe(200);

  await node.cli('item', 'delete', second);
  const left = await eventually('the disk is freed', async () => {
    const bytes = await used();
    return bytes < full / 10 && bytes;
  });
  expect(left).toBeGreaterThan(0);
  expect(await status(second)).toBe(404);
});
