/** What a publisher may do wrong, through the command line: one clear line, a failed job, nothing announced or left. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ItemView, JobView } from '../../protocol/api.ts';
import { NodeProcess, runCli } from './node-process.ts';
import { sampleFilm } from './sample-film.ts';

const run = promisify(execFile);
const quick = { media: { preset: 'ultrafast', maxHeight: 240 } } as const;
const root = process.getuid?.() === 0;

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'heliograph-bad-'));
});

afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a file that cannot be published', () => {
  let node: NodeProcess;
  let channel: string;

  beforeAll(async () => {
    node = await NodeProcess.start(join(directory, 'data'), quick);
    channel = (await node.cli<{ id: string }>('channel', 'create', 'Mistakes')).id;
  });

  afterAll(() => node?.kill());

  async function make(name: string, how: (file: string) => Promise<unknown>): Promise<string> {
    const file = join(directory, name);
    await how(file);
    return file;
  }

  it.each([
    ['text.mp4', (file: string) => writeFile(file, 'This is not a film.\n'.repeat(100))],
    ['empty.mkv', (file: string) => writeFile(file, '')],
    ['folder.mp4', (file: string) => mkdir(file)],
    ['half.mp4', (file: string) => copyFile(sampleFilm, file).then(() => truncate(file, 3_000_000))],
    ['playlist.m3u8', (file: string) => writeFile(file, '#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n')],
    ['missing.mp4', async () => {}],
  ])('%s', async (name, how) => {
    const file = await make(name, how);
    const { code, stdout, stderr } = await node.tryCli('publish', channel, file);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    const lines = stderr.split('\n').filter((line) => line.startsWith('heliograph:'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(basename(file));
    const jobs = (await node.cli<JobView[]>('jobs')).filter((job) => job.file === file);
    for (const job of jobs) {
      expect(job.state).toBe('failed');
      expect(lines[0]).toContain(job.error?.message);
    }
    const { items } = await node.json<{ items: ItemView[] }>(`/api/v1/channels/${channel}/items`);
    expect(items).toEqual([]);
    expect(await readdir(join(node.data, 'jobs'))).toEqual([]);
  });

  it('can be cancelled in the middle, and leaves nothing', async () => {
    const [started] = await node
      .cli<JobView[] | JobView>('publish', channel, sampleFilm, '--detach')
      .then((j) => [j].flat());
    const id = (started as unknown as { job?: string; id?: string } | undefined)?.job;
    await node.cli('jobs', 'cancel', String(id));
    const jobs = await node.cli<JobView[]>('jobs');
    expect(jobs.find((job) => job.id === id)?.state).toBe('cancelled');
    expect(await readdir(join(node.data, 'jobs'))).toEqual([]);
  });
});

describe('starting', () => {
  it('refuses a data directory that another node has open', async () => {
    const data = join(directory, 'shared');
    const first = await NodeProcess.start(data);
    try {
      await expect(NodeProcess.start(data)).rejects.toThrow(/another node is using the data directory/);
    } finally {
      await first.stop();
    }
  });

  it('refuses unknown flags, verbs and settings by name', async () => {
    const wrong = [
      [['serve', '--gatewy', 'x'], '--gatewy'],
      [['pubish'], 'pubish'],
      [['serve', '--config', join(directory, 'config.json'), '--data', join(directory, 'x')], 'gateway.prot'],
    ] as const;
    await writeFile(join(directory, 'config.json'), JSON.stringify({ gateway: { prot: 1 } }));
    for (const [args, name] of wrong) {
      const { code, stderr } = await runCli([...args]);
      expect(code).not.toBe(0);
      expect(stderr).toContain(name);
    }
  });
});

describe.runIf(root)('a disk that fills', () => {
  const disk = () => join(directory, 'small-disk');
  let node: NodeProcess | undefined;

  beforeAll(async () => {
    await mkdir(disk());
    await run('mount', ['-t', 'tmpfs', '-o', 'size=14m', 'tmpfs', disk()]);
  });

  afterAll(async () => {
    await node?.kill();
    await run('umount', [disk()]);
  });

  it('fails the job with a plain line, goes on serving, and works again when there is room', async () => {
    const settings = { ...quick, disk: { reserveMb: 1 } };
    node = await NodeProcess.start(join(disk(), 'data'), settings);
    const { id: channel } = await node.cli<{ id: string }>('channel', 'create', 'Full');
    const ballast = join(disk(), 'ballast');
    const clip = join(directory, 'small.mp4');
    await run('ffmpeg', ['-v', 'error', '-i', sampleFilm, '-t', '8', '-c', 'copy', clip]);
    const { stdout: free } = await run('df', ['--output=avail', '-k', disk()]);
    await writeFile(ballast, Buffer.alloc((Number(free.split('\n')[1]) - 1500) * 1024));
    const failed = await node.tryCli('publish', channel, clip);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(/heliograph: .*(disk|space|room)/i);
    expect((await fetch(`${node.ready.gateway}/health`)).status).toBe(200);
    expect(await readdir(join(node.data, 'jobs'))).toEqual([]);
    await rm(ballast);
    const done = await node.cli<{ item: string }>('publish', channel, clip);
    const master = await fetch(`${node.ready.gateway}/hls/items/${done.item}/master.m3u8`);
    expect(await master.text()).toContain('#EXTM3U');
    expect(await readFile(join(node.data, 'format'), 'utf8')).toBe('1\n');
  });
});
