/** How a file longer than one block is cut: read from its root block, and believed only as the profile makes it. */
import { decode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { RAW } from '../../protocol/cid.ts';
import { CHUNK_BYTES, DAG_WIDTH } from '../../protocol/constants.ts';

export interface FileLayout {
  /** Bytes of the file. */
  size: number;
  /** Raw blocks of 1 MiB each; the last may be shorter. */
  leaves: readonly CID[];
}

/** The layout in a DAG-PB root block, or null when it is no file of one level of 1 MiB raw leaves. */
export function fileLayout(root: Uint8Array): FileLayout | null {
  try {
    const { Data, Links } = decode(root);
    const unixfs = UnixFS.unmarshal(Data ?? new Uint8Array());
    const sizes = unixfs.blockSizes.map(Number);
    if (unixfs.type !== 'file' || (unixfs.data?.byteLength ?? 0) > 0) return null;
    if (sizes.length !== Links.length || Links.length > DAG_WIDTH || Links.length === 0) return null;
    const last = sizes.at(-1) ?? 0;
    if (last < 1 || last > CHUNK_BYTES || sizes.slice(0, -1).some((size) => size !== CHUNK_BYTES))
      return null;
    if (Links.some((link) => link.Hash.code !== RAW)) return null;
    return { size: (sizes.length - 1) * CHUNK_BYTES + last, leaves: Links.map((link) => link.Hash) };
  } catch {
    return null;
  }
}

/** Bytes of leaf `index`. */
export function leafBytes(layout: FileLayout, index: number): number {
  return Math.min(CHUNK_BYTES, layout.size - index * CHUNK_BYTES);
}
