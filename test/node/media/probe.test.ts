import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { HeliographError } from '../../../node/errors.ts';
import { probe } from '../../../node/media/media.ts';
import { clip, cut, system, temporary, toolsets } from './clips.ts';

const folder = await temporary();
const exec = promisify(execFile);

async function refusal(path: string, tools = system): Promise<{ code: string; message: string }> {
  const error = await probe(path, { tools }).then(
    () => new Error(`${path} was accepted`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HeliographError)) throw error;
  expect(error.message).not.toContain('\n');
  return { code: error.code, message: error.message };
}

async function written(name: string, bytes: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

describe.each(toolsets)('probe with %s', (_name, tools) => {
  test('reads streams, languages, titles and length', async () => {
    const source = await probe(await clip('tracks.mkv'), { tools });
    expect(source.durationMs).toBeGreaterThan(2950);
    expect(source.durationMs).toBeLessThan(3100);
    expect(source.video).toMatchObject({ codec: 'h264', width: 320, height: 180, plain: true });
    expect(source.audio.map((track) => [track.language, track.title])).toEqual([
      ['de', undefined],
      ['en', 'Commentary'],
    ]);
    expect(source.subtitles.map((track) => track.language)).toEqual(['de', 'en']);
  });

  test('reads MPEG-TS, whose service names have a character set', async () => {
    expect(await probe(await clip('gop1.ts'), { tools })).toMatchObject({ format: 'mpegts' });
  });

  test('finds the size to show: rotated, pixels made square', async () => {
    expect((await probe(await clip('wide-pixels.mp4'), { tools })).video).toMatchObject({
      width: 427,
      height: 180,
      plain: false,
    });
    expect((await probe(await clip('interlaced.mkv'), { tools })).video?.interlaced).toBe(true);
    expect((await probe(await clip('hdr.mkv'), { tools })).video?.transfer).toBe('pq');
  });

  test('takes an attached picture for a cover, not for a film', async () => {
    const source = await probe(await clip('cover.mp3'), { tools });
    expect(source.video).toBeNull();
    expect(source.cover).not.toBeNull();
    expect(source.audio).toHaveLength(1);
  });

  test('measures a file that does not say how long it is', async () => {
    const { durationMs } = await probe(await clip('unstated.webm'), { tools });
    expect(durationMs).toBeGreaterThan(1900);
    expect(durationMs).toBeLessThan(2100);
  });

  test('refuses what ends before its stated length', async () => {
    for (const name of ['long.mp4', 'long.mkv', 'long.flac', 'plain.mp4']) {
      const { code, message } = await refusal(await cut(name, 0.5, join(folder, `half-${name}`)), tools);
      expect([name, code]).toEqual([name, 'truncated']);
      expect(message).toContain(`half-${name}: the file is cut off`);
    }
    // A little less than all is a torn last packet, not a torn film.
    const nearly = await cut('long.mkv', 0.995, join(folder, 'nearly.mkv'));
    expect((await probe(nearly, { tools })).video).not.toBeNull();
  });

  test('refuses what points elsewhere: playlists, concat lists, SDP, image sequences', async () => {
    let hits = 0;
    const canary = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`;
    const secret = await clip('plain.mp4');
    const hls = (target: string) =>
      `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${target}\n#EXT-X-ENDLIST\n`;
    const hostile: Record<string, string> = {
      'remote.m3u8': hls(`${base}/a.ts`),
      'remote.mp4': hls(`${base}/a.ts`),
      'local.m3u8': hls(`file://${secret}`),
      'list.mkv': `ffconcat version 1.0\nfile '${secret}'\n`,
      'list.txt': `ffconcat version 1.0\nfile '${base}/a.mp4'\n`,
      'session.sdp': 'v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n',
      'manifest.mpd': `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>${base}/</BaseURL></MPD>`,
      'picture.svg': `<svg xmlns="http://www.w3.org/2000/svg"><image href="${base}/a.png"/></svg>`,
    };
    for (const [name, text] of Object.entries(hostile)) {
      expect([name, (await refusal(await written(name, text), tools)).code]).toEqual([name, 'not-media']);
    }
    canary.close();
    expect(hits).toBe(0);
  });
});

test('content decides, not the extension', async () => {
  const film = join(folder, 'film.txt');
  await copyFile(await clip('plain.mp4'), film);
  expect((await probe(film, { tools: system })).video?.codec).toBe('h264');
  const text = await written('text.mp4', 'no film, only words\n'.repeat(200));
  expect(await refusal(text)).toMatchObject({ code: 'not-media' });
});

test('names that look like options, URLs or patterns are only names', async () => {
  for (const name of ['-i.mp4', 'http:x.mp4', 'a%05d [b] "c" \'d\'.mp4', 'concat:a|b.mp4', 'ö ü 電影.mp4']) {
    const path = join(folder, name);
    await copyFile(await clip('silent.mp4'), path);
    expect((await probe(path, { tools: system })).path).toBe(path);
  }
  const link = join(folder, 'link.mp4');
  await symlink(await clip('silent.mp4'), link);
  expect((await probe(link, { tools: system })).video?.width).toBe(320);
});

test('says in one line what is wrong with a file that is no film', async () => {
  expect(await refusal(await written('empty.mp4', ''))).toEqual({
    code: 'not-media',
    message: 'empty.mp4: the file is empty',
  });
  expect(
    (
      await refusal(
        await written(
          'noise.mp4',
          new Uint8Array(50_000).map((_, n) => (n * 7919) >> 3),
        ),
      )
    ).code,
  ).toBe('not-media');
  expect((await refusal(await clip('cover.png'))).code).toBe('not-media');
  expect(await refusal(join(folder, 'missing.mp4'))).toMatchObject({ code: 'vanished' });
  expect(await refusal(folder)).toMatchObject({ code: 'unreadable' });
  const { stdout } = await exec(system.ffmpeg.path, [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'anullsrc', '-t', '0', '-f', 'wav', '-'],
  ]);
  const silent = await written('nothing.wav', stdout);
  expect(await refusal(silent)).toMatchObject({ code: 'not-media' });
});

test('a pipe is refused at once instead of waited for', async () => {
  const path = join(folder, 'pipe.mp4');
  await exec('mkfifo', [path]);
  expect(await refusal(path)).toMatchObject({ code: 'unreadable' });
});

test.runIf(process.getuid?.() === 0)('a file of someone else is named as such', async () => {
  const open = join(folder, 'open');
  await mkdir(open);
  await chmod(folder, 0o755);
  const path = join(open, 'private.mp4');
  await copyFile(await clip('silent.mp4'), path);
  await chmod(path, 0o600);
  process.seteuid?.(65534);
  try {
    expect(await refusal(path)).toEqual({
      code: 'unreadable',
      message: 'private.mp4: permission to read it is denied',
    });
  } finally {
    process.seteuid?.(0);
  }
});

test('control characters in a name do not reach the terminal', async () => {
  const path = await written('red\u001b[31m.mp4', '');
  expect((await refusal(path)).message).toBe('red?[31m.mp4: the file is empty');
});

test('cancelling ends it', async () => {
  const path = await clip('plain.mp4');
  await expect(probe(path, { tools: system, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
});

test('a file that lost its data after the header is cut off', async () => {
  const path = join(folder, 'shrunk.mkv');
  await copyFile(await clip('long.mkv'), path);
  await truncate(path, 4000);
  expect(await refusal(path)).toMatchObject({ code: 'truncated' });
});
