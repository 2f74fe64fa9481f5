import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { base36 } from 'multiformats/bases/base36';
import { expect, it } from 'vitest';
import { channelId, channelKey } from '../../protocol/channel-id.ts';
import { isItemId, itemId } from '../../protocol/item-id.ts';
import { rootKey, rootSecret } from './sample-records.ts';

it('is the IPNS name that libp2p gives the same key', async () => {
  const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', rootSecret));
  expect(channelId(rootKey)).toBe(peer.toCID().toString(base36));
  expect(channelKey(channelId(rootKey))).toEqual(rootKey);
});

it.each(['', 'k51', 'K51QZI5UQU5DI', 'k2jmtxx', 'bafkreigh2akiscaildc', 'k'.repeat(100)])(
  'refuses %j',
  (text) => {
    expect(channelKey(text)).toBeNull();
  },
);

it('refuses other spellings of a good id', () => {
  expect(channelKey(channelId(rootKey).toUpperCase())).toBeNull();
});

it('gives an item an id that depends on its channel', () => {
  const nonce = new Uint8Array(16);
  const id = itemId(rootKey, nonce);
  expect(isItemId(id)).toBe(true);
  expect(itemId(new Uint8Array(32), nonce)).not.toBe(id);
  expect(isItemId(`${id}x`)).toBe(false);
});
