/** A published item is plain IPFS: a Helia that knows nothing of Heliograph fetches its folder, and ffprobe plays it. */
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { withBitswap } from '@helia/bitswap';
import { unixfs } from '@helia/unixfs';
import { identify } from '@libp2p/identify';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { multiaddr } from '@multiformats/multiaddr';
import { createHeliaLight } from 'helia';
import { createLibp2p } from 'libp2p';
import { CID } from 'multiformats/cid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ItemView } from '../../protocol/api.ts';
import { NodeProcess } from './node-process.ts';
import { type PublishedFilm, publishedFilm } from './published-film.ts';

const run = promisify(execFile);

let film: PublishedFilm;
let node: NodeProcess;

beforeAll(async () => {
  film = await publishedFilm();
  node = await NodeProcess.start(film.data);
});

afterAll(async () => {
  await node?.kill();
  await film?.remove();
});

it('reads the folder over bitswap alone and plays it from disk', async () => {
  const { folder } = await node.json<ItemView>(`/api/v1/items/${film.item}`);
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  const helia = withBitswap(Object.assign(createHeliaLight(), { libp2p }));
  await helia.start();
  try {
    await libp2p.dial(node.ready.addresses.map((address) => multiaddr(address)));
    const files = unixfs(helia);
    const into = join(film.directory, 'plain');
    const copy = async (cid: CID, place: string): Promise<void> => {
      for await (const entry of files.ls(cid, { signal: AbortSignal.timeout(60_000) })) {
        const path = join(place, entry.name);
        if ((await files.stat(entry.cid)).type === 'directory') {
          await copy(entry.cid, path);
          continue;
        }
        const bytes: Uint8Array[] = [];
        for await (const chunk of files.cat(entry.cid, { signal: AbortSignal.timeout(60_000) }))
          bytes.push(chunk);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, Buffer.concat(bytes));
      }
    };
    await copy(CID.parse(folder ?? ''), into);
    const master = join(into, 'master.m3u8');
    const { stdout, stderr } = await run('ffprobe', [
      ...['-v', 'error', '-show_entries', 'format=duration:stream=codec_name', '-of', 'json', master],
    ]);
    expect(stderr).toBe('');
    const { format, streams } = JSON.parse(stdout) as {
      format: { duration: string };
      streams: { codec_name: string }[];
    };
    expect(Number(format.duration)).toBeCloseTo(30, 0);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual([
      'aac',
      'h264',
      'h264',
      'h264',
      'h264',
      'h264',
    ]);
  } finally {
    await helia.stop();
    await libp2p.stop();
  }
});
