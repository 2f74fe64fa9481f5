/** The few kinds of CID that Heliograph uses, made from hashes. */
import { sha256 as sha256Sync } from '@noble/hashes/sha2.js';
import { CID } from 'multiformats/cid';
import { create as createDigest } from 'multiformats/hashes/digest';

export const RAW = 0x55;
export const DAG_PB = 0x70;
export const DAG_CBOR = 0x71;
const SHA2_256 = 0x12;

/** SHA-256 of some bytes; browsers outside a secure context have no WebCrypto, so callers choose theirs. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** A CIDv1 with a sha2-256 digest that is already known. */
export function cidOf(codec: number, digest: Uint8Array): CID {
  return CID.createV1(codec, createDigest(SHA2_256, digest));
}

/** The CID of a DAG-CBOR block (records, manifests, segment lists, libraries: all small). */
export function cborCid(bytes: Uint8Array): CID {
  return cidOf(DAG_CBOR, sha256Sync(bytes));
}

/** Whether this block hashes to this CID. Only sha2-256 is accepted; anything else is a mismatch. */
export async function blockMatches(cid: CID, block: Uint8Array, sha256: Sha256): Promise<boolean> {
  if (cid.multihash.code !== SHA2_256) return false;
  const digest = await sha256(block);
  return cidOf(cid.code, digest).equals(cid.toV1());
}

/** The CID in this text, or null when it is not one. */
export function parseCid(text: string): CID | null {
  try {
    return CID.parse(text);
  } catch {
    return null;
  }
}
