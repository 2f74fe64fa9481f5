/** Bringing a whole file here from the network, and refusing one that is not what its reference says. */
import type { CID } from 'multiformats/cid';
import { RAW } from '../../protocol/cid.ts';
import { CHUNK_BYTES } from '../../protocol/constants.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { HeliographError } from '../errors.ts';
import type { FetchOptions } from './block-fetch.ts';
import type { BlockFiles } from './block-files.ts';
import { eachParallel } from './each-parallel.ts';
import { fileLayout, leafBytes } from './file-layout.ts';
import type { GetBlock } from './unixfs-reader.ts';

/** Leaves asked for at one time: bitswap pays for many small asks, and a node sends what one has asked for at once. */
const WIDTH = 8;

/**
 * The root is looked at before any leaf is asked for, so that a root which claims more than the signed size costs
 * one block. Throws `bad-block` for it.
 */
export async function fetchWholeFile(
  ref: FileRef,
  options: FetchOptions & { getBlock: GetBlock; blocks: Pick<BlockFiles, 'size' | 'delete'> },
): Promise<void> {
  const { getBlock, blocks, signal, fetch } = options;

  /** Fetches one block unless it is here, and refuses another length than the expected one. */
  async function bring(cid: CID, length: number): Promise<void> {
    const here = await blocks.size(cid);
    const size = here ?? (await getBlock(cid, { signal, fetch })).byteLength;
    if (size === length) return;
    if (here === null) await blocks.delete(cid);
    throw new HeliographError('bad-block', `block ${cid} has ${size} bytes; ${length} were announced`);
  }

  if (ref.cid.code === RAW) return bring(ref.cid, ref.size);
  const wasHere = (await blocks.size(ref.cid)) !== null;
  const layout = fileLayout(await getBlock(ref.cid, { signal, fetch }));
  if (layout === null || layout.size !== ref.size || ref.size <= CHUNK_BYTES) {
    if (!wasHere) await blocks.delete(ref.cid);
    const claim = layout === null ? 'is not a file as the profile cuts it' : `claims ${layout.size} bytes`;
    throw new HeliographError('bad-block', `${ref.cid} ${claim}; a file of ${ref.size} bytes was announced`);
  }
  await eachParallel(layout.leaves.entries(), WIDTH, ([index, leaf]) =>
    bring(leaf, leafBytes(layout, index)),
  );
}
