/** The libp2p of the node's host, with the services that the network room itself uses. */
import type { GossipSub } from '@chainsafe/libp2p-gossipsub';
import type { Libp2p } from '@libp2p/interface';
import type { Ping } from '@libp2p/ping';
import type { Standing } from './standing.ts';

export type HostServices = {
  /** Gossipsub, set up for signed records. Use `createGossip`, which validates. */
  pubsub: GossipSub;
  standing: Standing;
  ping: Ping;
};
export type HostLibp2p = Libp2p<HostServices>;
