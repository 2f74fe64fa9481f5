/** Mark and sweep: what no pinned root leads to is removed. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CID } from 'multiformats/cid';
import { RAW } from '../../protocol/cid.ts';
import { HeliographError } from '../errors.ts';
import type { BlockFiles } from './block-files.ts';
import { blockLinks } from './block-links.ts';
import { listShards, namedBlock } from './census.ts';
import { eachParallel } from './each-parallel.ts';
import { leafNumber, Walked, walkDag } from './walk-dag.ts';

const WIDTH = 8;

/** What a garbage collection removed. */
export interface Collected {
  blocks: number;
  bytes: number;
}

/**
 * Call while nothing is being pinned. Throws `bad-block`, and removes nothing, when a pinned manifest, list or
 * folder cannot be read: what is below it could not be told from garbage.
 */
export async function collectGarbage(options: {
  blocks: BlockFiles;
  roots: AsyncIterable<CID>;
  signal: AbortSignal;
}): Promise<Collected> {
  const { blocks, signal } = options;
  const kept = await mark(options);
  const collected: Collected = { blocks: 0, bytes: 0 };
  for (const shard of await listShards(blocks.path)) {
    signal.throwIfAborted();
    await blocks.exclusively(shard, async () => {
      const names = await readdir(join(blocks.path, shard));
      await eachParallel(names, WIDTH, async (name) => {
        const cid = namedBlock(name);
        if (cid === null || kept.has(leafNumber(cid))) return;
        const bytes = await blocks.discard(`${shard}/${name}`);
        collected.blocks++;
        collected.bytes += bytes;
      });
    });
  }
  return collected;
}

async function mark(options: {
  blocks: BlockFiles;
  roots: AsyncIterable<CID>;
  signal: AbortSignal;
}): Promise<Set<number>> {
  const { blocks, signal } = options;
  const walked = new Walked();
  const kept = new Set<number>();
  for await (const root of options.roots) {
    const open = async (cid: CID) => {
      kept.add(leafNumber(cid));
      if (cid.code === RAW) return [];
      const block = await blocks.read(cid).catch((cause) => {
        const message = `nothing is collected: block ${cid} below pinned ${root} cannot be read; fetch it or unpin`;
        throw new HeliographError('bad-block', message, { cause });
      });
      return blockLinks(cid, block);
    };
    await walkDag(root, open, { walked, signal });
  }
  return kept;
}
