/** The CID of a segment (UnixFS, profile `unixfs-v1-2025`) and whether bytes are what a signed list says they are. */
import { encode as encodeDagPb } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { cidOf, DAG_PB, RAW, type Sha256 } from './cid.ts';
import { CHUNK_BYTES, DAG_WIDTH } from './constants.ts';

/**
 * The CID that UnixFS gives these bytes: up to 1 MiB a raw block, so the sha-256 of the bytes; above, the root
 * of one level of 1 MiB raw leaves. Throws RangeError above 1 GiB, where a second level would begin.
 */
export async function segmentCid(bytes: Uint8Array, sha256: Sha256): Promise<CID> {
  if (bytes.byteLength <= CHUNK_BYTES) return cidOf(RAW, await sha256(bytes));
  return cidOf(DAG_PB, await sha256(await segmentRoot(bytes, sha256)));
}

/** Whether these bytes are the file of this CID and size. The size is checked first: it costs nothing. */
export async function segmentMatches(
  bytes: Uint8Array,
  expected: { cid: CID; size: number },
  sha256: Sha256,
): Promise<boolean> {
  if (bytes.byteLength !== expected.size) return false;
  return (await segmentCid(bytes, sha256)).equals(expected.cid);
}

/** The leaves of a file in order, as the profile cuts it. */
export function* chunks(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}

/** The root block of a file longer than one chunk. */
export async function segmentRoot(bytes: Uint8Array, sha256: Sha256): Promise<Uint8Array> {
  if (bytes.byteLength > CHUNK_BYTES * DAG_WIDTH)
    throw new RangeError(`${bytes.byteLength} bytes pass 1 GiB`);
  const file = new UnixFS({ type: 'file' });
  const links = [];
  for (const chunk of chunks(bytes)) {
    file.addBlockSize(BigInt(chunk.byteLength));
    links.push({ Name: '', Tsize: chunk.byteLength, Hash: cidOf(RAW, await sha256(chunk)) });
  }
  return encodeDagPb({ Data: file.marshal(), Links: links });
}
