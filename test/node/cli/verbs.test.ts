/** The verbs against a node: what each prints, for a person and as JSON, and how each fails. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOf, runCli, startCli } from './run-cli.ts';
import { startStub } from './studio-stub.ts';

let dir: string;
let node: { stop(): Promise<unknown> };

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
  node = await startStub(dir);
  for (const name of ['film.mp4', 'bad.mp4', 'slow.mp4']) await writeFile(join(dir, name), 'x');
});
afterAll(async () => {
  await node?.stop();
  await rm(dir, { recursive: true, force: true });
});

const run = (...args: string[]) => runCli([...args, '--data', dir]);

async function json(...args: string[]) {
  const { stdout, stderr, code } = await run(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

test('a channel is made, listed, shown, edited, moved and deleted', async () => {
  const made = await json('channel', 'create', 'News', '--language', 'en', '--category', 'a', 'b');
  expect(made).toMatchObject({ name: 'News', language: 'en', categories: ['a', 'b'] });
  const { stdout } = await run('channel', 'list');
  expect(stdout).toMatch(new RegExp(`^ID +NAME +ITEMS +LANGUAGE\n${made.id} +News +0 +en\n$`));
  expect((await json('channel', 'list', '--all'))[0].id).toBe(made.id);
  expect((await json('channel', 'show', 'news')).id).toBe(made.id);
  expect(await json('channel', 'edit', made.id, '--name', 'Late', '--language', '')).toMatchObject({
    name: 'Late',
    language: null,
  });

  const out = join(dir, 'late.key');
  await json('channel', 'export-key', 'late', '--out', out);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  const key = await run('channel', 'export-key', 'late');
  expect(key.stdout).toBe(await readFile(out, 'utf8'));
  const again = await run('channel', 'export-key', 'late', '--out', out);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a file of this name') });
  expect((await json('channel', 'import-key', out)).id).toBe(made.id);
  await writeFile(join(dir, 'no.key'), 'nonsense');
  const refused = await run('channel', 'import-key', join(dir, 'no.key'));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^heliograph: this is not a channel key/);

  expect(await json('channel', 'delete', made.id)).toEqual({ deleted: made.id });
  expect(await json('channel', 'list')).toEqual([]);
  expect((await run('channel', 'list')).stdout).toContain('no channel yet');
});

test('publish shows how far it is, prints the item, and says why a file was not published', async () => {
  const channel = await json('channel', 'create', 'Films');
  const one = await run('publish', 'films', join(dir, 'film.mp4'), '--title', 'A film');
  expect(one.stdout).toBe('item-j1\n');
  expect(one.stderr).toContain('film.mp4: transcode 10 %, 2.0×, 3 s left\n');
  expect(await json('publish', channel.id, join(dir, 'film.mp4'))).toMatchObject({
    channel: channel.id,
    state: 'done',
    item: 'item-j2',
    error: null,
  });
  const two = await runCli([
    'publish',
    'films',
    join(dir, 'bad.mp4'),
    join(dir, 'film.mp4'),
    '--json',
    '--data',
    dir,
  ]);
  expect(two.code).toBe(1);
  expect(JSON.parse(two.stdout)).toMatchObject([
    { state: 'failed', item: null, error: { code: 'not-media' } },
    { state: 'done', item: 'item-j4', error: null },
  ]);
  expect(two.stderr).toContain(`heliograph: ${join(dir, 'bad.mp4')}: is not media\n`);
  expect((await json('items', 'films')).map(({ title }: { title: string }) => title)).toHaveLength(3);
  expect((await run('jobs')).stdout).toMatch(/^j3 +bad.mp4 +failed +.*is not media$/m);
});

test('a missing file stops publish before any job is made', async () => {
  const before = (await json('jobs')).length;
  const { code, stderr } = await run('publish', 'films', join(dir, 'film.mp4'), join(dir, 'none.mp4'));
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `heliograph: ${join(dir, 'none.mp4')}: no such file\n`,
  });
  expect(await json('jobs')).toHaveLength(before);
});

test('Ctrl-C asks the node to cancel the job, and so does `jobs cancel` for a detached one', async () => {
  const child = startCli(['publish', 'films', join(dir, 'slow.mp4'), '--data', dir]);
  child.stderr?.once('data', () => child.kill('SIGINT'));
  const { code, stdout, stderr } = await endOf(child);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`heliograph: cancelled ${join(dir, 'slow.mp4')}\n`);

  const detached = await run('publish', 'films', join(dir, 'slow.mp4'), '--detach');
  const id = detached.stdout.trim();
  expect(await json('jobs', 'cancel', id)).toMatchObject({ id, state: 'cancelled' });
});

test('a channel is followed with a budget, listed and let go', async () => {
  const [channel] = await json('channel', 'list');
  expect(await json('follow', channel.id, '--mirror', '--budget', '20GB')).toMatchObject({
    channel: channel.id,
    mirror: true,
    budget: 20e9,
  });
  expect((await run('follows')).stdout).toMatch(/complete +1 of 1 +5 B of 20 GB/);
  expect(await json('unfollow', channel.id)).toEqual({ unfollowed: channel.id });
  expect(await json('follows')).toEqual([]);
});

test('peers and status tell how the node is', async () => {
  expect(await json('peers')).toHaveLength(1);
  const { stdout } = await run('status');
  expect(stdout).toContain('up for    1 min 1 s');
});
