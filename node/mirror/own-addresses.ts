/** The addresses in a mirror record that lead to the node that signed it; a record may say anything. Pure. */
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import type { MirrorRecord } from '../../protocol/records.ts';

/** One node needs no more: the first that are good. */
const MOST_ADDRESSES = 4;

export function ownAddresses({ node, addresses }: Pick<MirrorRecord, 'node' | 'addresses'>): string[] {
  const ending = `/p2p/${peerIdFromPublicKey(publicKeyFromRaw(node))}`;
  return addresses
    .filter((address) => address.endsWith(ending) && isMultiaddr(address))
    .slice(0, MOST_ADDRESSES);
}

function isMultiaddr(text: string): boolean {
  try {
    multiaddr(text);
    return true;
  } catch {
    return false;
  }
}
