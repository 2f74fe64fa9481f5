/** What is stored is plain UnixFS of the profile: the same CIDs as the importer, readable by a Helia of its own. */
import { unixfs } from '@helia/unixfs';
import { MemoryBlockstore } from 'blockstore-core';
import { FsBlockstore } from 'blockstore-fs';
import { createHeliaLight } from 'helia';
import { exporter } from 'ipfs-unixfs-exporter';
import { importBytes, importer } from 'ipfs-unixfs-importer';
import type { CID } from 'multiformats/cid';
import { expect, test } from 'vitest';
import type { FileRef } from '../../../protocol/manifest.ts';
import { gather, noiseBytes, openContent } from './open-content.ts';

const MIB = 1024 * 1024;
const profile = { profile: 'unixfs-v1-2025' } as const;

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await gather(pieces));
}

test.each([0, 1, 1000, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 77])(
  'a file of %i bytes has the CID that the importer gives it, and comes back whole and in ranges',
  async (size) => {
    const { content } = await openContent();
    const bytes = noiseBytes(size);
    const ref = await content.addBytes(bytes);
    expect(ref.size).toBe(size);
    expect(`${ref.cid}`).toBe(`${(await importBytes(bytes, new MemoryBlockstore(), profile)).cid}`);
    expect(await content.hasFile(ref.cid)).toBe(true);
    expect(await content.stat(ref.cid)).toEqual({ size, kind: size > MIB ? 'file' : 'raw' });
    expect(Buffer.compare(await content.readFile(ref.cid), bytes)).toBe(0);
    for (const [offset, length] of [
      [0, 1],
      [size - 1, 10],
      [MIB - 3, 6],
      [1, size - 2],
      [size, 5],
    ]) {
      if (offset === undefined || length === undefined || offset < 0 || length < 0) continue;
      const range = { offset, length };
      const expected = bytes.slice(offset, offset + length);
      expect(Buffer.compare(await content.readFile(ref.cid, range), expected)).toBe(0);
      expect(Buffer.compare(await joined(content.streamFile(ref.cid, range)), expected)).toBe(0);
    }
    expect(Buffer.compare(await joined(content.streamFile(ref.cid)), bytes)).toBe(0);
  },
);

test('a range reads the leaves it touches and no other', async () => {
  const { content } = await openContent();
  const bytes = noiseBytes(4 * MIB);
  const { cid } = await content.addBytes(bytes);
  const third = await content.addBytes(bytes.slice(2 * MIB, 3 * MIB));
  await content.helia.blockstore.delete(third.cid);
  expect(await content.hasFile(cid)).toBe(false);
  const range = { offset: MIB + 5, length: MIB - 5 };
  expect(Buffer.compare(await content.readFile(cid, range), bytes.slice(MIB + 5, 2 * MIB))).toBe(0);
  await expect(content.readFile(cid, { offset: 2 * MIB, length: 1 })).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('a plain Helia over the same blocks lists the folder and reads its files', async () => {
  const { content, blocks } = await openContent();
  const files: Record<string, Uint8Array> = {
    'master.m3u8': noiseBytes(300),
    'v1080/index.m3u8': noiseBytes(500),
    'v1080/seg-2.m4s': noiseBytes(2 * MIB + 9),
    'v1080/seg-1.m4s': noiseBytes(900),
  };
  const entries = [];
  for (const [path, bytes] of Object.entries(files))
    entries.push({ path, ref: await content.addBytes(bytes) });
  const folder = await content.addFolder(entries);
  await content.sync();

  expect(`${await content.addFolder(entries.toReversed())}`).toBe(`${folder}`);
  const candidates = Object.entries(files).map(([path, bytes]) => ({ path, content: bytes }));
  let imported: CID | undefined;
  const made = importer(candidates, new MemoryBlockstore(), { ...profile, wrapWithDirectory: true });
  for await (const each of made) imported = each.cid;
  expect(`${folder}`).toBe(`${imported}`);

  const plain = unixfs(createHeliaLight({ blockstore: new FsBlockstore(blocks) }));
  const names = (await gather(plain.ls(folder, { path: 'v1080' }))).map((entry) => entry.name);
  expect(names).toEqual(['index.m3u8', 'seg-1.m4s', 'seg-2.m4s']);
  for (const [path, bytes] of Object.entries(files)) {
    expect(Buffer.compare(await joined(plain.cat(folder, { path })), bytes)).toBe(0);
    const cid = await content.resolve(folder, path);
    expect(Buffer.compare(await content.readFile(cid as CID), bytes)).toBe(0);
  }
  expect(await content.stat(folder)).toMatchObject({ kind: 'directory' });
  expect(await content.resolve(folder, 'v1080/none')).toBeNull();
  expect(await content.resolve(folder, 'master.m3u8/under')).toBeNull();
  expect(`${await content.resolve(folder, '')}`).toBe(`${folder}`);
});

test('a folder of 6,000 segments is sharded, every block below 1 MiB, and every path resolves', async () => {
  const { content, blocks } = await openContent();
  const ref = await content.addBytes(noiseBytes(2 * MIB));
  const path = (i: number) => `v/seg-${String(i).padStart(5, '0')}.m4s`;
  const entries = Array.from({ length: 6000 }, (_, i) => ({ path: path(i), ref }));
  const folder = await content.addFolder(entries);
  for (const each of [0, 1234, 5999])
    expect(`${await content.resolve(folder, path(each))}`).toBe(`${ref.cid}`);
  expect(await content.resolve(folder, path(6000))).toBeNull();
  const entry = await exporter(`${folder}/${path(4711)}`, new FsBlockstore(blocks));
  expect(`${entry.cid}`).toBe(`${ref.cid}`);
});

test.each(['', '/a', 'a/', '../a', 'a//b', 'a/./b', 'a\\b', 'taken', 'taken/below'])(
  'a folder refuses the path "%s"',
  async (path) => {
    const { content } = await openContent();
    const ref: FileRef = await content.addBytes(noiseBytes(3));
    const entries = [
      { path: 'taken', ref },
      { path, ref },
    ];
    await expect(content.addFolder(entries)).rejects.toMatchObject({ code: 'bad-request' });
  },
);

test('a file cut by another tool in another way is read all the same', async () => {
  const { content, blocks } = await openContent();
  const bytes = noiseBytes(700_000);
  const old = { profile: 'unixfs-v0-2015' } as const;
  const { cid } = await importBytes(bytes, new FsBlockstore(blocks), old);
  expect(await content.stat(cid)).toEqual({ size: bytes.byteLength, kind: 'file' });
  const range = { offset: 262_140, length: 300_000 };
  expect(Buffer.compare(await content.readFile(cid, range), bytes.slice(262_140, 562_140))).toBe(0);
});

test('says what is wrong with what it is given', async () => {
  const { content, dir } = await openContent();
  await expect(content.addFile(`${dir}/gone.mp4`)).rejects.toMatchObject({ code: 'vanished' });
  await expect(content.addFile(dir)).rejects.toMatchObject({ code: 'unreadable' });
  await expect(content.addBlock(noiseBytes(MIB + 1))).rejects.toMatchObject({ code: 'too-large' });
  await expect(content.addBytes(new Uint8Array(64 * MIB + 1))).rejects.toMatchObject({ code: 'too-large' });
  const folder = await content.addFolder([{ path: 'a', ref: await content.addBytes(noiseBytes(3)) }]);
  await expect(content.readFile(folder)).rejects.toMatchObject({ code: 'bad-request' });
  const { cid } = await importBytes(noiseBytes(5), new MemoryBlockstore(), profile);
  await expect(content.readFile(cid)).rejects.toMatchObject({ code: 'not-found' });
  await expect(content.readFile(cid, { fetch: true })).rejects.toMatchObject({ code: 'not-found' });
  expect(await content.stat(cid)).toBeNull();
});
