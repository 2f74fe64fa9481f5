/** A channel's id: its Ed25519 root public key as a libp2p-key CID in base36, which is also its IPNS name. */
import { base36 } from 'multiformats/bases/base36';
import { CID } from 'multiformats/cid';
import { identity } from 'multiformats/hashes/identity';

const LIBP2P_KEY = 0x72;
/** Protobuf of libp2p's PublicKey message: type Ed25519, 32 bytes of data. */
const KEY_PREFIX = Uint8Array.of(0x08, 0x01, 0x12, 0x20);

/** The text id (`k51…`) of a 32-byte Ed25519 public key. */
export function channelId(rootKey: Uint8Array): string {
  const protobuf = new Uint8Array(KEY_PREFIX.length + 32);
  protobuf.set(KEY_PREFIX);
  protobuf.set(rootKey, KEY_PREFIX.length);
  return CID.createV1(LIBP2P_KEY, identity.digest(protobuf)).toString(base36);
}

/** The root public key in a channel id, or null when the text is not one in its usual spelling. */
export function channelKey(id: string): Uint8Array | null {
  if (id.length > 80) return null;
  try {
    const digest = CID.parse(id, base36).multihash.digest;
    const key = digest.slice(KEY_PREFIX.length);
    return key.byteLength === 32 && channelId(key) === id ? key : null;
  } catch {
    return null;
  }
}
