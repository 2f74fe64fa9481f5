/** A catalogue reduced to what the network needs of one: it verifies records, keeps them and says what it has. */
import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import type { RecordSource, RecordVerdict } from '../../../node/network/network.ts';
import { encodeCanonical } from '../../../protocol/canonical.ts';
import { channelId } from '../../../protocol/channel-id.ts';
import { cborCid } from '../../../protocol/cid.ts';
import { RECORD_DOMAIN } from '../../../protocol/constants.ts';
import type { ChannelRecord, ItemRecord } from '../../../protocol/records.ts';
import { channelDigest } from '../../../protocol/sync.ts';
import { signRecord, verifyRecord } from '../../../protocol/verified.ts';

export function newKey(): Uint8Array {
  return new Uint8Array(randomBytes(32));
}

export function channelRecord(secret: Uint8Array, seq: number, name = `channel ${seq}`): Uint8Array {
  const record: ChannelRecord = {
    type: 'channel',
    v: 1,
    channel: ed25519.getPublicKey(secret),
    seq,
    at: Date.now(),
    deleted: false,
    previous: null,
    name,
    description: '',
    language: 'en',
    categories: [],
    logo: null,
    library: null,
    schedule: null,
    keys: [],
  };
  return signRecord(record, secret);
}

/** A record whose signature doesn't fit; each call's is another one. */
export function forgedRecord(): Uint8Array {
  const secret = newKey();
  const forged = channelRecord(secret, 1);
  forged[forged.byteLength - 1] = (forged[forged.byteLength - 1] ?? 0) ^ 1;
  return forged;
}

/** Many item records of one channel, signed by OpenSSL: a thousand in a moment, byte for byte what noble makes. */
export function manyItems(count: number): Uint8Array[] {
  const secret = newKey();
  const key = ed25519.getPublicKey(secret);
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), secret]);
  const signer = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  return Array.from({ length: count }, (_, i) => {
    const record: ItemRecord = {
      type: 'item',
      v: 1,
      channel: key,
      seq: 1,
      at: Date.now(),
      deleted: false,
      previous: null,
      nonce: new Uint8Array(randomBytes(16)),
      kind: 'film',
      title: `Film ${i}`,
      description: 'A film of which much could be said, and is, in a few hundred letters. '.repeat(4),
      credits: 'Somebody and others',
      series: null,
      language: 'en',
      durationMs: 5_400_000,
      manifest: cborCid(key),
      folder: cborCid(key),
      poster: cborCid(key),
    };
    const payload = encodeCanonical(record);
    const signature = new Uint8Array(
      sign(null, Buffer.concat([Buffer.from(RECORD_DOMAIN), payload]), signer),
    );
    return encodeCanonical({ key, payload, signature });
  });
}

export interface RecordShelf extends RecordSource {
  accept(record: Uint8Array, from: string): Promise<RecordVerdict>;
  has(record: Uint8Array): boolean;
  put(...records: Uint8Array[]): void;
  readonly size: number;
  /** Calls of `accept` so far. */
  readonly asked: number;
}

export function recordShelf(): RecordShelf {
  const channels = new Map<string, Map<string, Uint8Array>>();
  const everything = new Set<string>();
  let asked = 0;

  /** `checked` is false for what a test puts here itself. */
  function take(record: Uint8Array, checked: boolean): RecordVerdict {
    const cid = cborCid(record);
    if (everything.has(cid.toString())) return 'ignore';
    const channel = checked ? verifiedChannel(record) : 'own';
    if (channel === null) return 'reject';
    const records = channels.get(channel) ?? new Map<string, Uint8Array>();
    channels.set(channel, records.set(cid.toString(), record));
    everything.add(cid.toString());
    return 'accept';
  }

  return {
    async accept(record) {
      asked += 1;
      return take(record, true);
    },
    put: (...records) => {
      for (const record of records) take(record, false);
    },
    has: (record) => everything.has(cborCid(record).toString()),
    get size() {
      return everything.size;
    },
    get asked() {
      return asked;
    },
    async *digests() {
      for (const [id, records] of channels) yield [id, digestOf(records)];
    },
    async *beyond(have) {
      for (const [id, records] of channels) {
        const theirs = have.get(id);
        if (theirs !== undefined && Buffer.from(theirs).equals(digestOf(records))) continue;
        yield* records.values();
      }
    },
  };
}

function verifiedChannel(record: Uint8Array): string | null {
  const verdict = verifyRecord(record, { now: Date.now() });
  return verdict.ok ? channelId(verdict.value.record.channel) : null;
}

function digestOf(records: Map<string, Uint8Array>): Uint8Array {
  return channelDigest([...records.values()].map(cborCid));
}
