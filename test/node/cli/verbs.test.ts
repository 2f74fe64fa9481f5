/** The verbs against a real node that `serve` runs: what each prints, for a person and as JSON, and how each fails. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findTools } from '../../../node/media/media.ts';
import { endOf, runCli, runHere, type ServingCli, serveCli, startCli } from './run-cli.ts';

let dir: string;
let data: string;
let config: string;
let node: ServingCli;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
  data = join(dir, 'data');
  config = join(dir, 'config.json');
  const network = { mdns: false, relay: false, autonat: false };
  await writeFile(config, JSON.stringify({ network, media: { maxHeight: 240, preset: 'ultrafast' } }));
  await writeFile(join(dir, 'bad.mp4'), 'this is no film\n'.repeat(100));
  [node] = await Promise.all([serve(), makeClips()]);
});
afterAll(async () => {
  await node?.kill();
  await rm(dir, { recursive: true, force: true });
});

function serve(): Promise<ServingCli> {
  const listen = ['--gateway', '127.0.0.1:0', '--studio', '127.0.0.1:0', '--listen', '/ip4/127.0.0.1/tcp/0'];
  return serveCli(['--data', data, '--config', config, ...listen]);
}

/** `film.mp4` of two seconds, and `long.mp4`, which is the same for twenty minutes. */
async function makeClips(): Promise<void> {
  const { ffmpeg } = await findTools({});
  const make = (...args: string[]) =>
    promisify(execFile)(ffmpeg.path, ['-v', 'error', ...args], { cwd: dir });
  const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=2'];
  const sound = ['-f', 'lavfi', '-i', 'sine=440:r=48000:d=2'];
  const codecs = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  await make(...picture, ...sound, ...codecs, 'film.mp4');
  await make('-stream_loop', '599', '-i', 'film.mp4', '-c', 'copy', 'long.mp4');
}

const run = (...args: string[]) => runHere([...args, '--data', data]);

async function json(...args: string[]) {
  const { stdout, stderr, code } = await run(...args, '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

test('serve says where it is, in one line of JSON', async () => {
  const { peer } = node.ready;
  expect(node.ready).toMatchObject({ ready: true, data, ffmpeg: expect.stringContaining('ffmpeg') });
  expect(node.ready.addresses[0]).toMatch(new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${peer}$`));
  expect((await fetch(`${node.ready.gateway}/health`)).status).toBe(200);
  const signedIn = await fetch(node.ready.signIn, { redirect: 'manual' });
  expect(signedIn.headers.get('set-cookie')).toBeTruthy();
  const status = await json('status');
  expect(status).toMatchObject({ node: peer, gateway: node.ready.gateway, peers: 0, items: 0 });
  expect((await run('status')).stdout).toMatch(/^disk +\d.* used, \d+.* free$/m);
  expect((await run('peers')).stdout).toBe('no peers yet\n');
});

test('a second node on the same data directory, or the same port, is refused in one line', async () => {
  const { port } = new URL(node.ready.gateway);
  const elsewhere = [
    '--data',
    join(dir, 'other'),
    '--studio',
    '127.0.0.1:0',
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
  ];
  const [same, taken] = await Promise.all([
    runCli(['serve', '--data', data, '--config', config, '--json']),
    runCli(['serve', ...elsewhere, '--config', config, '--gateway', `127.0.0.1:${port}`]),
  ]);
  expect(same.code).toBe(1);
  expect(JSON.parse(same.stdout).error.code).toBe('data-dir-in-use');
  expect(same.stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(taken).toMatchObject({ code: 1, stdout: '' });
  expect(taken.stderr).toMatch(new RegExp(`^heliograph: .*${port}.*\n$`));
});

test('a channel is made, listed, shown, edited, moved and deleted', async () => {
  const made = await json('channel', 'create', 'News', '--language', 'en', '--category', 'a', 'b');
  expect(made).toMatchObject({ name: 'News', language: 'en', categories: ['a', 'b'] });
  const { stdout } = await run('channel', 'list');
  expect(stdout).toMatch(new RegExp(`^ID +NAME +ITEMS +LANGUAGE\n${made.id} +News +0 +en\n$`));
  expect((await json('channel', 'list', '--all'))[0].id).toBe(made.id);
  expect((await json('channel', 'show', 'news')).id).toBe(made.id);
  const edited = await json('channel', 'edit', made.id, '--name', 'Late', '--language', '');
  expect(edited).toMatchObject({ name: 'Late', language: null, categories: ['a', 'b'] });

  const out = join(dir, 'late.key');
  await json('channel', 'export-key', 'late', '--out', out);
  expect((await stat(out)).mode & 0o777).toBe(0o600);
  expect((await run('channel', 'export-key', 'late')).stdout).toBe(await readFile(out, 'utf8'));
  const again = await run('channel', 'export-key', 'late', '--out', out);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('there is a file of this name') });
  expect((await json('channel', 'import-key', out)).id).toBe(made.id);
  const refused = await run('channel', 'import-key', join(dir, 'bad.mp4'));
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^heliograph: .*key/);

  expect(await json('channel', 'delete', made.id)).toEqual({ deleted: made.id });
  expect((await run('channel', 'list')).stdout).toContain('no channel yet');
});

test('publish shows how far it is and prints the item, which can be changed and deleted', async () => {
  const channel = await json('channel', 'create', 'Films');
  const file = join(dir, 'film.mp4');
  const one = await runCli([
    'publish',
    'films',
    file,
    '--title',
    'A film',
    '--credits',
    'us',
    '--data',
    data,
  ]);
  expect(one.code, one.stderr).toBe(0);
  expect(one.stderr).toMatch(/^film\.mp4: (queued|running|probe|transcode)/);
  const id = one.stdout.trim();
  expect(await json('item', 'show', id)).toMatchObject({
    title: 'A film',
    credits: 'us',
    channel: channel.id,
  });

  const two = await runHere(['publish', channel.id, join(dir, 'bad.mp4'), file, '--json', '--data', data]);
  const [failed, done] = JSON.parse(two.stdout);
  expect(two.code).toBe(1);
  expect(failed).toMatchObject({ state: 'failed', item: null, error: { code: 'not-media' } });
  expect(done).toMatchObject({ channel: channel.id, file, state: 'done', error: null });
  expect(two.stderr).toContain(`heliograph: ${failed.error.message}\n`);
  expect(failed.error.message).toContain('bad.mp4');
  expect((await run('jobs')).stdout).toMatch(new RegExp(`^${failed.job} +bad.mp4 +failed `, 'm'));

  const series = ['--series', 'Late', '--season', '2', '--episode', '3'];
  expect(await json('item', 'edit', done.item, ...series)).toMatchObject({
    series: { title: 'Late', season: 2, episode: 3 },
  });
  expect((await run('items', 'films')).stdout).toMatch(new RegExp(`^${done.item} +Late 2×03: .* 0:02$`, 'm'));
  expect(await json('item', 'delete', done.item)).toEqual({ deleted: done.item });
  expect((await json('items', 'films')).map((item: { id: string }) => item.id)).toEqual([id]);
});

test('a missing file stops publish before any job is made', async () => {
  const before = (await json('jobs')).length;
  const missing = join(dir, 'none.mp4');
  const { code, stderr } = await run('publish', 'films', join(dir, 'film.mp4'), missing);
  expect({ code, stderr }).toEqual({ code: 1, stderr: `heliograph: ${missing}: no such file\n` });
  expect(await json('jobs')).toHaveLength(before);
});

test('Ctrl-C has the node cancel the job; a detached one goes on until `jobs cancel`', async () => {
  const file = join(dir, 'long.mp4');
  const child = startCli(['publish', 'films', file, '--data', data]);
  child.stderr?.once('data', () => child.kill('SIGINT'));
  const { code, stdout, stderr } = await endOf(child);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(`heliograph: cancelled ${file}\n`);

  const id = (await run('publish', 'films', file, '--detach')).stdout.trim();
  expect(await json('jobs', 'cancel', id)).toMatchObject({ id, state: 'cancelled' });
  expect(await json('jobs', 'retry', id)).toMatchObject({ id, error: null });
  expect(await json('jobs', 'cancel', id)).toMatchObject({ id, state: 'cancelled' });
  const states = (await json('jobs')).map((job: { file: string; state: string }) => [job.file, job.state]);
  expect(states.filter(([name]: string[]) => name === file)).toEqual([
    [file, 'cancelled'],
    [file, 'cancelled'],
  ]);
});

test('a channel of another is followed with a budget, listed and let go', async () => {
  const stranger = 'k51qzi5uqu5dg7hn78d09yt83puvpen3kkgfl69t530bm4nbypyiofjvze75dt';
  const followed = { channel: stranger, mirror: true, budget: 20e9, state: 'waiting' };
  expect(await json('follow', stranger, '--mirror', '--budget', '20GB')).toMatchObject(followed);
  expect((await run('follows')).stdout).toMatch(/\(not heard of yet\) +waiting +0 of 0 +0 B of 20 GB/);
  expect(await json('unfollow', stranger)).toEqual({ unfollowed: stranger });
  expect(await json('follows')).toEqual([]);
});

test('SIGTERM ends serve cleanly, and the other verbs then say that no node runs', async () => {
  node.child.kill('SIGTERM');
  expect(await node.ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect((await run('status')).stderr).toBe(
    `heliograph: no Heliograph node is running on ${data}; start one with \`npm start\`\n`,
  );
});
