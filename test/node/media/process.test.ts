import { execFile, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { run } from '../../../node/media/ffmpeg.ts';
import { guarded } from '../../../node/media/guard.ts';
import {
  chooseLadder,
  probe,
  type Tools,
  type TranscodeOptions,
  transcode,
} from '../../../node/media/media.ts';
import { clip, settings, shipped, system, temporary, toolsets } from './clips.ts';

const exec = promisify(execFile);
const folder = await temporary();

async function job(name: string, tools: Tools): Promise<TranscodeOptions> {
  const source = await probe(await clip(name), { tools });
  const ladder = chooseLadder(source, settings({ copyTopRung: false, preset: 'veryfast' }));
  return { source, ladder, outDir: await mkdtemp(join(folder, 'out-')), tools };
}

/** Command lines of running programs that mention a path. */
async function running(mention: string): Promise<string[]> {
  const { stdout } = await exec('ps', ['-eo', 'pid,args']);
  return stdout.split('\n').filter((line) => line.includes(mention) && /ff(mpeg|probe)/.test(line));
}

async function gone(mention: string): Promise<void> {
  await expect.poll(() => running(mention), { timeout: 10_000 }).toEqual([]);
}

describe.each(toolsets)('a run of %s', (_name, tools) => {
  test('ends when it is cancelled, and so does its process', async () => {
    const options = await job('slow.mp4', tools);
    const path = join(folder, `cancelled-${tools.ffmpeg.origin}.mp4`);
    await copyFile(options.source.path, path);
    await utimes(path, new Date(), new Date(options.source.mtimeMs));
    const cancel = new AbortController();
    const running_ = transcode({
      ...options,
      source: { ...(await probe(path, { tools })) },
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    await expect(running_).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('cancelled-'),
    });
    expect(await running(path)).toEqual([]);
  });

  test('is stopped at its limits of time and bytes', async () => {
    const options = await job('slow.mp4', tools);
    await expect(transcode({ ...options, limits: { maxSeconds: 0.5 } })).rejects.toMatchObject({
      code: 'timeout',
    });
    const again = { ...(await job('slow.mp4', tools)), limits: { maxBytes: 20_000 } };
    await expect(transcode(again)).rejects.toMatchObject({ code: 'too-large' });
  });

  test('that is killed fails with one line that says so', async () => {
    const options = await job('slow.mp4', tools);
    const path = join(folder, `killed-${tools.ffmpeg.origin}.mp4`);
    await copyFile(options.source.path, path);
    const source = await probe(path, { tools });
    let killed = false;
    const result = transcode({
      ...options,
      source,
      onProgress: async () => {
        if (killed) return;
        killed = true;
        for (const line of await running(path)) process.kill(Number.parseInt(line, 10), 'SIGKILL');
      },
    });
    await expect(result).rejects.toMatchObject({
      code: 'ffmpeg-failed',
      message: expect.stringContaining('SIGKILL'),
    });
  });
});

test('a file that is gone or changed since it was probed is not published', async () => {
  const path = join(folder, 'moving.mp4');
  await copyFile(await clip('plain.mp4'), path);
  const source = await probe(path, { tools: shipped });
  const ladder = chooseLadder(source, settings());
  const attempt = async () =>
    transcode({ source, ladder, tools: shipped, outDir: await mkdtemp(join(folder, 'out-')) });
  await writeFile(path, 'something else');
  await expect(attempt()).rejects.toMatchObject({ code: 'vanished' });
  await copyFile(await clip('tracks.mkv'), path);
  await expect(attempt()).rejects.toMatchObject({ code: 'vanished' });
  await rename(path, `${path}.away`);
  await expect(attempt()).rejects.toMatchObject({
    code: 'vanished',
    message: 'moving.mp4: there is no such file (any more)',
  });
});

test('a file that is written to while it is read is not published', async () => {
  const options = await job('slow.mp4', shipped);
  const path = join(folder, 'growing.mp4');
  await copyFile(options.source.path, path);
  const source = await probe(path, { tools: shipped });
  let grown = false;
  const result = transcode({
    ...options,
    source,
    onProgress: () => {
      if (!grown) appendFileSync(path, 'more');
      grown = true;
    },
  });
  await expect(result).rejects.toMatchObject({
    code: 'vanished',
    message: 'growing.mp4: the file changed while it was being read',
  });
});

test('a file that loses its data while it is read is not published', async () => {
  const options = await job('slow.mp4', shipped);
  const path = join(folder, 'shrinking.mp4');
  await copyFile(options.source.path, path);
  const source = await probe(path, { tools: shipped });
  let shrunk = false;
  const result = transcode({
    ...options,
    source,
    onProgress: async () => {
      if (!shrunk) await exec('truncate', ['-s', '60000', path]);
      shrunk = true;
    },
  });
  await expect(result).rejects.toMatchObject({ code: 'vanished' });
});

const canMount = await exec('unshare', ['--mount', 'true']).then(
  () => process.getuid?.() === 0,
  () => false,
);

test.runIf(canMount)('a disk that fills is named, whichever file it stops', async () => {
  for (const tools of [system, shipped]) {
    const outDir = await mkdtemp(join(folder, 'small-'));
    await exec('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'none', outDir]);
    try {
      await expect(transcode({ ...(await job('slow.mp4', tools)), outDir })).rejects.toMatchObject({
        code: 'disk-full',
        message: 'slow.mp4: the disk is full',
      });
    } finally {
      await exec('umount', [outDir]);
    }
  }
});

test('room that is to be left alone counts as taken', async () => {
  const options = { ...(await job('slow.mp4', shipped)), limits: { reserveBytes: 2 ** 52 } };
  await expect(transcode(options)).rejects.toMatchObject({ code: 'disk-full' });
});

test('memory is limited', async () => {
  const options = await job('slow.mp4', shipped);
  await expect(transcode({ ...options, limits: { maxMemoryBytes: 300 * 1024 ** 2 } })).rejects.toMatchObject({
    code: 'ffmpeg-failed',
  });
});

test.runIf(system.guard.networkless)('ffmpeg has no network, not even loopback', async () => {
  const limits = { memoryBytes: null, cpuSeconds: null };
  const ran = await run({
    argv: guarded(system.guard, limits, ['cat', '/proc/net/dev']),
    timeoutMs: 5000,
  });
  expect(ran.stdout).toContain('lo:');
  expect(ran.stdout.trim().split('\n')).toHaveLength(3);
  const outside = await readFile('/proc/net/dev', 'utf8');
  expect(ran.stdout).not.toBe(outside);
});

test.skipIf(system.guard.orphans)('ffmpeg dies with a node that is killed', async () => {
  const path = join(folder, 'orphan.mp4');
  await copyFile(await clip('slow.mp4'), path);
  const outDir = await mkdtemp(join(folder, 'out-'));
  const media = new URL('../../../node/media/media.ts', import.meta.url).href;
  const script = `
    import { chooseLadder, findTools, probe, transcode } from ${JSON.stringify(media)};
    const tools = await findTools({});
    const source = await probe(${JSON.stringify(path)}, { tools });
    const ladder = chooseLadder(source, { segmentSeconds: 2, maxHeight: 2160, copyTopRung: false, preset: 'veryfast' });
    await transcode({ source, ladder, outDir: ${JSON.stringify(outDir)}, tools, onProgress: () => console.log('on') });
  `;
  const node = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => node.stdout.once('data', resolve));
  expect(await running(path)).not.toEqual([]);
  node.kill('SIGKILL');
  await gone(path);
  await rm(outDir, { recursive: true, force: true });
});
