/** What the network room offers the rest of the node: keys, one libp2p host, gossip of records and catalogue sync. */
import type { GossipSub } from '@chainsafe/libp2p-gossipsub';
import type { Libp2p, PrivateKey } from '@libp2p/interface';
import type { Ping } from '@libp2p/ping';
import type { PeerView } from '../../protocol/api.ts';
import type { Service } from '../lifecycle.ts';
import type { Standing } from './standing.ts';

/** The node's secret: its 32-byte Ed25519 seed (signs mirror records) and the same key in libp2p's form. */
export interface NodeKey {
  readonly secret: Uint8Array;
  readonly privateKey: PrivateKey;
}

/** Secret keys on disk, for the owner's eyes only. Every write is complete or absent, also after a power cut. */
export interface Keystore {
  nodeKey(): NodeKey;
  /** Ids (`k51…`) of the channels whose secret key is here. */
  channels(): string[];
  /** Makes a new channel key; it is on disk when this resolves. */
  create(): Promise<{ id: string; secret: Uint8Array }>;
  /** The 32-byte Ed25519 secret of a channel, or null when it isn't here. */
  secret(channelId: string): Uint8Array | null;
  /** Keeps a 32-byte secret and gives its channel's id; keeping it twice is harmless. Throws `bad-request` on another length. */
  importSecret(secret: Uint8Array): Promise<string>;
  /** Deletes a channel's secret for good. Throws `not-found` when it isn't here. */
  remove(channelId: string): Promise<void>;
}

export type HostServices = {
  /** Gossipsub, set up for signed records. Use `createGossip`, which validates. */
  pubsub: GossipSub;
  standing: Standing;
  ping: Ping;
};
export type HostLibp2p = Libp2p<HostServices>;

/** The node's place in the network. `libp2p` exists from the beginning, and listens once started. */
export interface Host extends Service {
  readonly libp2p: HostLibp2p;
  readonly peerId: string;
  /** The connected peers. */
  peers(): PeerView[];
  /** The multiaddrs under which others may reach this node, peer id included. */
  addresses(): string[];
}

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
