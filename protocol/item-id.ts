/** An item's id: bound to its channel's key and a nonce, so that no other channel can claim it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { base32 } from 'multiformats/bases/base32';

const ITEM_ID = /^b[a-z2-7]{26}$/;

/** The text id of an item: base32 of the first 16 bytes of sha-256(root key ‖ nonce). */
export function itemId(rootKey: Uint8Array, nonce: Uint8Array): string {
  const bound = new Uint8Array(rootKey.byteLength + nonce.byteLength);
  bound.set(rootKey);
  bound.set(nonce, rootKey.byteLength);
  return base32.encode(sha256(bound).slice(0, 16));
}

export function isItemId(text: string): boolean {
  return ITEM_ID.test(text);
}
