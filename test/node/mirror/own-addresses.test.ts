import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import { expect, it } from 'vitest';
import { ownAddresses } from '../../../node/mirror/own-addresses.ts';
import { nodeKey, rootKey } from '../../protocol/sample-records.ts';

const peer = peerIdFromPublicKey(publicKeyFromRaw(nodeKey));
const stranger = peerIdFromPublicKey(publicKeyFromRaw(rootKey));

it('takes only addresses of the node that signed, and only ones that are addresses', () => {
  const good = `/ip4/10.0.0.1/tcp/4001/p2p/${peer}`;
  const addresses = [
    good,
    'x',
    `/p2p/${stranger}`,
    `/ip4/10.0.0.1/tcp/4001/p2p/${stranger}`,
    `nonsense/p2p/${peer}`,
    '/ip4/10.0.0.1/tcp/4001',
  ];
  expect(ownAddresses({ node: nodeKey, addresses })).toEqual([good]);
});

it('takes few of many', () => {
  const addresses = Array.from({ length: 16 }, (_, n) => `/ip4/10.0.0.${n}/tcp/4001/p2p/${peer}`);
  expect(ownAddresses({ node: nodeKey, addresses })).toHaveLength(4);
});
