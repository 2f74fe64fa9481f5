/** Torn, rotten, lost and half-written blocks: none is served, none counts as here, each can come again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, open, readFile, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Level } from 'level';
import { CID } from 'multiformats/cid';
import { expect, test, vi } from 'vitest';
import { atEnd, blockFiles, gather, noiseBytes, openContent, tempDir } from './open-content.ts';

const MIB = 1024 * 1024;

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

test.each([
  ['one flipped byte', flipByte],
  ['a torn end', (path: string) => truncate(path, 5000)],
  ['no bytes', (path: string) => truncate(path, 0)],
  ['more bytes', (path: string) => appendFile(path, 'x')],
])('a block with %s is refused once, is gone then, and can be stored again', async (_, spoil) => {
  const { content, blocks } = await openContent();
  const bytes = noiseBytes(10_000);
  const { cid } = await content.addBytes(bytes);
  await content.readFile(cid);
  const [path = ''] = await blockFiles(blocks);
  await spoil(path);
  await expect(content.readFile(cid)).rejects.toMatchObject({ code: 'bad-block' });
  await expect(content.readFile(cid)).rejects.toMatchObject({ code: 'not-found' });
  expect(await content.hasBlock(cid)).toBe(false);
  await content.addBytes(bytes);
  expect(Buffer.compare(await content.readFile(cid), bytes)).toBe(0);
});

test('a block of no bytes does not count as here', async () => {
  const { content, blocks } = await openContent();
  const { cid } = await content.addBytes(noiseBytes(10_000));
  const { cid: empty } = await content.addBytes(new Uint8Array());
  await truncate(await pathOf(blocks, 10_000), 0);
  expect(await content.hasBlock(cid)).toBe(false);
  expect(await content.hasBlock(empty)).toBe(true);
});

test('a pin is written only after every block and every folder entry below it is on the disk', async () => {
  const { content, blocks } = await openContent();
  const ref = await content.addBytes(noiseBytes(2 * MIB));
  const [path = ''] = await blockFiles(blocks);
  const file = await open(path);
  const flush = vi.spyOn(Object.getPrototypeOf(file), 'sync');
  await file.close();
  atEnd(() => flush.mockRestore());
  const { db } = content.helia.datastore as unknown as { db: Level };
  const order: string[] = [];
  flush.mockImplementation(async function (this: { datasync(): Promise<void> }) {
    await this.datasync();
    order.push('flushed');
  });
  const write = vi.spyOn(db, 'put');
  write.mockImplementationOnce(async () => void order.push('state saved'));
  write.mockImplementationOnce(async (...args) => {
    order.push(`pin written, sync: ${(args[2] as { sync?: boolean }).sync}`);
  });
  await content.pin(ref.cid);
  write.mockRestore();
  const folders = new Set((await blockFiles(blocks)).map(dirname)).size;
  expect(order.slice(0, -2)).toEqual(Array(3 + folders + 1).fill('flushed'));
  expect(order.slice(-2)).toEqual(['state saved', 'pin written, sync: true']);
});

test('storing what is there, but torn, repairs it', async () => {
  const { content, blocks } = await openContent();
  const bytes = noiseBytes(10_000);
  const { cid } = await content.addBytes(bytes);
  const [path = ''] = await blockFiles(blocks);
  await flipByte(path);
  await content.addBytes(bytes);
  expect(Buffer.compare(await content.readFile(cid), bytes)).toBe(0);
});

test('bitswap, which reads through Helia, gets no damaged block', async () => {
  const { content, blocks } = await openContent();
  const { cid } = await content.addBytes(noiseBytes(10_000));
  const [path = ''] = await blockFiles(blocks);
  await flipByte(path);
  const read = gather(content.helia.blockstore.get(cid, { offline: true }));
  await expect(read).rejects.toMatchObject({ name: 'NotFoundError' });
});

test('after a power cut, what was written last counts as here only when its bytes are right', async () => {
  const first = await openContent();
  const { cid: old } = await first.content.addBytes(noiseBytes(1000));
  await first.close();
  const [oldPath = ''] = await blockFiles(first.blocks);
  await utimes(oldPath, 1, 1);

  const second = await openContent({ dir: first.dir });
  const { cid: good } = await second.content.addBytes(noiseBytes(2000));
  const { cid: torn } = await second.content.addBytes(noiseBytes(3000));
  // Of the same length: what a file system may leave when only its journal reached the disk.
  const path = await pathOf(second.blocks, 3000);
  await writeFile(path, new Uint8Array(3000));
  await leaveUnclean(second);

  const third = await openContent({ dir: first.dir });
  expect(await third.content.hasBlock(torn)).toBe(false);
  expect(await third.content.hasBlock(good)).toBe(true);
  expect(await third.content.hasBlock(old)).toBe(true);
  await vi.waitFor(() => expect(third.content.diskUsed()).toBe(3000));
});

test('what is used is known at once after a clean stop, and counted again after a crash', async () => {
  const first = await openContent();
  await first.content.addBytes(noiseBytes(2 * MIB + 1));
  const used = first.content.diskUsed();
  expect(used).toBe((await sizes(first.blocks)).reduce((a, b) => a + b, 0));
  await first.close();

  const second = await openContent({ dir: first.dir });
  expect(second.content.diskUsed()).toBe(used);
  await second.content.addBytes(noiseBytes(100));
  await leaveUnclean(second);

  const third = await openContent({ dir: first.dir });
  await third.content.addBytes(noiseBytes(50));
  await vi.waitFor(() => expect(third.content.diskUsed()).toBe(used + 150));
});

test('kill -9 while storing leaves no temporary file and nothing that reads wrong', async () => {
  const dir = await tempDir();
  const child = spawn(
    process.execPath,
    [join(dirname(fileURLToPath(import.meta.url)), 'store-endlessly.ts'), dir],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  atEnd(() => child.kill('SIGKILL'));
  const synced: string[] = [];
  let rest = '';
  for await (const text of child.stdout) {
    const lines = (rest + String(text)).split('\n');
    rest = lines.pop() ?? '';
    synced.push(...lines);
    if (synced.length >= 40) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  // As a write cut short in the middle leaves it.
  const shard = join(dir, 'blocks', 'ZZ');
  await mkdir(shard, { recursive: true });
  await writeFile(join(shard, '.CIQZZ.data.tmp'), 'half');

  const { content, blocks } = await openContent({ dir });
  for (const text of synced) await content.readFile(CID.parse(text));
  await vi.waitFor(async () => {
    const files = await blockFiles(blocks);
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(content.diskUsed()).toBe((await sizes(blocks)).reduce((a, b) => a + b, 0));
  });
});

test('below the reserve storing is refused in plain words, and reading goes on', async () => {
  const first = await openContent();
  const { cid } = await first.content.addBytes(noiseBytes(100));
  await first.close();
  const { content } = await openContent({ dir: first.dir, reserveBytes: Number.MAX_SAFE_INTEGER });
  await expect(content.addBytes(noiseBytes(100))).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/^the disk of .* is full: \d+ MiB are free .* reserve/),
  });
  expect((await content.readFile(cid)).byteLength).toBe(100);
  expect(await content.diskFree()).toBe(0);
});

/** Ends a room as a crash does: nothing is said to be clean. */
async function leaveUnclean(opened: Awaited<ReturnType<typeof openContent>>): Promise<void> {
  const { db } = opened.content.helia.datastore as unknown as {
    db: { get(key: string): Promise<Uint8Array>; put(key: string, value: Uint8Array): Promise<void> };
  };
  const before = await db.get('/heliograph/blocks');
  await opened.content.stop();
  await db.put('/heliograph/blocks', before);
  await opened.close();
}

async function sizes(blocks: string): Promise<number[]> {
  return Promise.all((await blockFiles(blocks)).map(async (file) => (await stat(file)).size));
}

async function pathOf(blocks: string, size: number): Promise<string> {
  for (const file of await blockFiles(blocks)) if ((await stat(file)).size === size) return file;
  throw new Error(`no block of ${size} bytes`);
}
