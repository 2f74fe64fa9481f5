/** What the network room offers the rest of the node: keys, one libp2p host, gossip of records and catalogue sync. */
import type { Service } from '../lifecycle.ts';

export { createHost, type Host, type HostLibp2p } from './host.ts';
export { type Keystore, type NodeKey, openKeystore } from './keystore.ts';

/** Whether a foreign record is to be relayed, dropped quietly, or dropped and held against its sender. */
export type RecordVerdict = 'accept' | 'ignore' | 'reject';

export interface Gossip extends Service {
  /** Announces a signed record. Never fails for want of listeners: whoever comes later gets it by sync. */
  publish(record: Uint8Array): Promise<void>;
}

export interface RecordSource {
  /** Every channel held, with `channelDigest` of its records. */
  digests(): AsyncIterable<[channelId: string, digest: Uint8Array]>;
  /** The signed records of every channel whose digest is absent from `have` or another there. */
  beyond(have: ReadonlyMap<string, Uint8Array>): AsyncIterable<Uint8Array>;
}

export interface Sync extends Service {
  /** Pulls from one connected peer (its id as text), or from all; resolves when done, also when a peer failed. */
  syncNow(peer?: string): Promise<void>;
}
