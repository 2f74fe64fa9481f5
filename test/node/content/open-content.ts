/** Content rooms in temporary directories, and libp2p hosts for them on loopback. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identify } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { noise } from '@libp2p/noise';
import { tcp } from '@libp2p/tcp';
import { yamux } from '@libp2p/yamux';
import { LevelDatastore } from 'datastore-level';
import { createLibp2p } from 'libp2p';
import { afterEach } from 'vitest';
import type { Content } from '../../../node/content/content.ts';
import { createContent } from '../../../node/content/create-content.ts';
import { createLog } from '../../../node/log.ts';

export const quiet = createLog('silent');
const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** Runs when the test ends, before what was asked for earlier. */
export function atEnd(step: () => unknown): void {
  undo.push(step);
}

export async function tempDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-content-'));
  atEnd(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

export interface Opened {
  content: Content;
  dir: string;
  blocks: string;
  close(): Promise<void>;
}

/** A started content room; opened again on the same `dir` once closed. */
export async function openContent(
  options: { dir?: string; libp2p?: Libp2p; reserveBytes?: number } = {},
): Promise<Opened> {
  const dir = options.dir ?? (await tempDir());
  const datastore = new LevelDatastore(join(dir, 'content-db'));
  await datastore.open();
  const content = createContent({
    dataDir: dir,
    libp2p: options.libp2p ?? null,
    datastore,
    reserveBytes: options.reserveBytes ?? 0,
    log: quiet,
  });
  let isOpen = true;
  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    await content.stop();
    await datastore.close();
  };
  atEnd(close);
  await content.start();
  return { content, dir, blocks: join(dir, 'blocks'), close };
}

/** A libp2p host on a free TCP port of loopback, stopped when the test ends. */
export async function openHost(): Promise<Libp2p> {
  const host = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
  });
  atEnd(() => host.stop());
  return host;
}

/** Paths of all files below a directory of blocks. */
export async function blockFiles(blocks: string): Promise<string[]> {
  const entries = await readdir(blocks, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

export const noiseBytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

export async function gather<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
