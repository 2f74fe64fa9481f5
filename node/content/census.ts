/** Going over every block file: counting after a crash, and removing what a crash left half-written. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NextToLast } from 'blockstore-fs/sharding';
import { CID } from 'multiformats/cid';
import { RAW } from '../../protocol/cid.ts';
import type { Log } from '../log.ts';
import { type BlockFiles, isTemporary } from './block-files.ts';
import type { DiskSpace } from './disk-space.ts';
import { eachParallel } from './each-parallel.ts';

const WIDTH = 8;
const sharding = new NextToLast();

/** The folders that hold block files. */
export async function listShards(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** The multihash that a block file is named by, in a CID of codec raw; null for other files. */
export function namedBlock(file: string): CID | null {
  if (isTemporary(file) || !file.endsWith(sharding.extension)) return null;
  try {
    return CID.createV1(RAW, sharding.decode(file).multihash);
  } catch {
    return null;
  }
}

/**
 * Counts all blocks into `space`, removes temporary files, and hashes what is suspect, so that what a power cut
 * tore is gone. Blocks can be stored and read meanwhile.
 */
export async function takeCensus(options: {
  blocks: BlockFiles;
  space: DiskSpace;
  signal: AbortSignal;
  log: Log;
}): Promise<void> {
  const { blocks, space, signal, log } = options;
  const shards = await listShards(blocks.path);
  space.beginCensus(shards);
  let temporaries = 0;

  async function countFile(shard: string, name: string): Promise<number> {
    const path = join(blocks.path, shard, name);
    if (isTemporary(name)) {
      await rm(path, { force: true });
      temporaries++;
      return 0;
    }
    const cid = namedBlock(name);
    const found = cid && (await stat(path).catch(() => null));
    if (!found) return 0;
    return blocks.isSuspect(found) ? ((await blocks.size(cid)) ?? 0) : found.size;
  }

  for (const shard of shards) {
    if (signal.aborted) return;
    await blocks.exclusively(shard, async () => {
      let bytes = 0;
      await eachParallel(await readdir(join(blocks.path, shard)), WIDTH, async (name) => {
        const size = await countFile(shard, name);
        bytes += size;
      });
      space.counted(shard, bytes);
    });
  }
  space.endCensus();
  log.info({ bytes: space.used, temporaries }, 'counted the blocks after an unclean stop');
}
