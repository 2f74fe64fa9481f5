/** Records with fixed keys and times, from which the golden vectors are made. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { cborCid } from '../../protocol/cid.ts';
import type { ChannelRecord, ItemRecord, MirrorRecord } from '../../protocol/records.ts';

export const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
export const rootSecret = new Uint8Array(32).fill(1);
export const editorSecret = new Uint8Array(32).fill(2);
export const nodeSecret = new Uint8Array(32).fill(3);
export const strangerSecret = new Uint8Array(32).fill(4);
export const rootKey = ed25519.getPublicKey(rootSecret);
export const editorKey = ed25519.getPublicKey(editorSecret);
export const nodeKey = ed25519.getPublicKey(nodeSecret);

export function channelRecord(change: Partial<ChannelRecord> = {}): ChannelRecord {
  return {
    type: 'channel',
    v: 1,
    channel: rootKey,
    seq: 7,
    at: NOW - 1000,
    deleted: false,
    previous: null,
    name: 'Sunlight Television',
    description: 'Films for everyone',
    language: 'en',
    categories: ['film', 'animation'],
    logo: null,
    library: null,
    schedule: null,
    keys: [],
    ...change,
  };
}

export function itemRecord(change: Partial<ItemRecord> = {}): ItemRecord {
  return {
    type: 'item',
    v: 1,
    channel: rootKey,
    seq: 0,
    at: NOW - 500,
    deleted: false,
    previous: null,
    nonce: new Uint8Array(16).fill(9),
    kind: 'film',
    title: 'Big Buck Bunny',
    description: 'A rabbit has had enough',
    credits: '© 2008 Blender Foundation, www.bigbuckbunny.org',
    series: null,
    language: 'en',
    durationMs: 30_000,
    manifest: cborCid(Uint8Array.of(1)),
    folder: cborCid(Uint8Array.of(2)),
    poster: null,
    ...change,
  };
}

export function mirrorRecord(change: Partial<MirrorRecord> = {}): MirrorRecord {
  return {
    type: 'mirror',
    v: 1,
    channel: rootKey,
    node: nodeKey,
    seq: NOW,
    at: NOW,
    until: NOW + 600_000,
    http: ['http://127.0.0.1:8080'],
    trackers: ['ws://127.0.0.1:8080/tracker'],
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    items: 1,
    room: 1_000_000,
    ...change,
  };
}
