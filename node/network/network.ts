/** The door of the network room: keys, one libp2p host, gossip of records and catalogue sync. */

export { type AcceptRecord, createGossip, type Gossip, type RecordVerdict } from './gossip.ts';
export { createHost, type Host } from './host.ts';
export type { HostLibp2p } from './host-libp2p.ts';
export { type Keystore, type NodeKey, openKeystore } from './keystore.ts';
export { createSync, type Sync } from './sync.ts';
export type { RecordSource } from './sync-serve.ts';
