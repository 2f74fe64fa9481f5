/** That ffmpeg opens nothing but its source and its output: read from its system calls and its command line. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { ffmpegArguments } from '../../../node/media/arguments.ts';
import { chooseLadder, probe, type Tools, transcode } from '../../../node/media/media.ts';
import { clip, settings, system, temporary, toolsets } from './clips.ts';

const folder = await temporary();
const strace = await promisify(execFile)('strace', ['-f', '-o', '/dev/null', 'true']).then(
  () => true,
  () => false,
);

/** The same tools, every run of which writes its system calls to a file. */
function traced(tools: Tools, log: string): Tools {
  const wrap = [...tools.guard.wrap, '/usr/bin/strace', '-f', '-A', '-e', 'trace=%file,%network', '-o', log];
  return { ...tools, guard: { ...tools.guard, wrap } };
}

/** What a trace shows to have been opened for writing, and what was asked of the network. */
async function calls(log: string): Promise<{ written: string[]; read: string[]; network: string[] }> {
  const lines = (await readFile(log, 'utf8')).split('\n');
  const opened = lines.flatMap((line) => {
    const [, path = '', flags = ''] = /openat\(AT_FDCWD, "([^"]*)", ([A-Z_|]+)/.exec(line) ?? [];
    return path && !/ = -1 /.test(line) ? [{ path, write: /O_WRONLY|O_RDWR|O_CREAT/.test(flags) }] : [];
  });
  return {
    written: opened.filter((file) => file.write).map((file) => file.path),
    read: opened.filter((file) => !file.write).map((file) => file.path),
    network: lines.filter((line) => /\b(connect|bind|sendto|sendmsg)\(|socket\(AF_INET/.test(line)),
  };
}

describe.runIf(strace).each(toolsets)('%s under strace', (_name, tools) => {
  test('writes nothing outside of the output directory and asks no network', async () => {
    const outDir = await mkdtemp(join(folder, 'out-'));
    const log = join(folder, 'transcode.log');
    const source = await probe(await clip('plain.mp4'), { tools });
    const ladder = chooseLadder(source, settings({ copyTopRung: false }));
    await transcode({ source, ladder, outDir, tools: traced(tools, log) });
    const { written, network } = await calls(log);
    expect(written.length).toBeGreaterThan(4);
    const outside = written.filter((path) => !resolve(outDir, path).startsWith(`${outDir}/`));
    expect(outside.filter((path) => !['/dev/null', '/dev/tty'].includes(path))).toEqual([]);
    expect(network).toEqual([]);
  });

  test('follows no reference out of a hostile file', async () => {
    const secret = join(folder, 'secret.ts');
    await writeFile(secret, 'a secret');
    const hostile = [
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${secret}\n#EXT-X-ENDLIST\n`,
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n`,
      `ffconcat version 1.0\nfile '${secret}'\n`,
      `<SMIL><body><video src="${secret}"/></body></SMIL>`,
    ];
    for (const [n, text] of hostile.entries()) {
      for (const extension of ['m3u8', 'mp4', 'ts', 'avi']) {
        const path = join(folder, `hostile-${n}.${extension}`);
        const log = join(folder, 'probe.log');
        await writeFile(path, text);
        await expect(probe(path, { tools: traced(tools, log) })).rejects.toMatchObject({ code: 'not-media' });
        const { read, network } = await calls(log);
        expect(read).toContain(path);
        expect(read).not.toContain(secret);
        expect(network).toEqual([]);
      }
    }
  });
});

test('every input is opened with named protocols and formats, as a plain path', async () => {
  const path = join(folder, 'http:%05d -i.mp4');
  await symlink(await clip('long.mp4'), path);
  const source = await probe(path, { tools: system });
  for (const copyTopRung of [true, false]) {
    const ladder = chooseLadder(source, settings({ copyTopRung }));
    const args = ffmpegArguments({ source, ladder, version: '5.1.9', tonemap: true });
    const inputs = args.flatMap((argument, n) => (argument === '-i' ? [n] : []));
    // Copied alone, pictures come from a second opening that decodes keyframes only.
    expect(inputs).toHaveLength(copyTopRung ? 2 : 1);
    for (const n of inputs) {
      expect(args[n + 1]).toBe(`file:${path}`);
      const before = args.slice(args.lastIndexOf('-protocol_whitelist', n), n);
      expect(before.slice(0, 2)).toEqual(['-protocol_whitelist', 'file']);
      expect(before[2]).toBe('-format_whitelist');
      for (const format of ['hls', 'concat', 'dash', 'sdp', 'image2', 'lavfi', 'tty', 'rtsp', 'mpjpeg']) {
        expect(before[3]?.split(',')).not.toContain(format);
      }
    }
    expect(args).toContain('-nostdin');
  }
});

test('a first rung of the source’s own size is not scaled', async () => {
  const source = await probe(await clip('long-gop.mp4'), { tools: system });
  const ladder = chooseLadder(source, settings());
  const graph = ffmpegArguments({ source, ladder, version: '5.1.9', tonemap: true });
  expect(graph[graph.indexOf('-filter_complex') + 1]).not.toContain('out_range');
});
