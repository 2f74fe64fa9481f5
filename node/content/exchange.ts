/** Helia over our stores and our libp2p: bitswap with limits, no routing, no bootstrap, nothing public. */
import { withBitswap } from '@helia/bitswap';
import type { Libp2p } from '@libp2p/interface';
import type { LevelDatastore } from 'datastore-level';
import { createHeliaLight, type Helia } from 'helia';
import type { BlockFiles } from './block-files.ts';

/** Sending or receiving one message (at most 4 MiB) may take so long, so that a thin uplink gets through. */
const MESSAGE_MS = 60_000;

const limits = {
  maxInboundStreams: 32,
  maxOutboundStreams: 64,
  messageSendTimeout: MESSAGE_MS,
  messageReceiveTimeout: MESSAGE_MS,
  // A block asked for again was lost on the way, collected or damaged: it is sent again.
  doNotResendBlockWindow: 0,
  // Bitswap loads all that a peer wants before it sends: what one may want at a time bounds memory.
  maxWantlistSize: 128,
  // The same once more as the code (not the documentation) of @helia/bitswap 4.0 spells it.
  maxWantListSize: 128,
};

/** A Helia that is not started. Without libp2p it only knows what is stored here. */
export function createExchange(options: {
  blocks: BlockFiles;
  datastore: LevelDatastore;
  libp2p: Libp2p | null;
}): Helia {
  const { libp2p } = options;
  const helia = createHeliaLight({ blockstore: options.blocks, datastore: options.datastore });
  if (libp2p === null) return helia;
  // withLibp2pLight would make, start and stop a libp2p of its own; ours has its own life.
  return withBitswap(Object.assign(helia, { libp2p }), limits);
}
