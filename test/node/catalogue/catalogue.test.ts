import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { Level } from 'level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Catalogue, type CatalogueEvent, createCatalogue } from '../../../node/catalogue/catalogue.ts';
import { limits } from '../../../node/catalogue/lack-of-room.ts';
import { relayVerdict } from '../../../node/catalogue/relay.ts';
import { createLog } from '../../../node/log.ts';
import { channelId } from '../../../protocol/channel-id.ts';
import { TOMBSTONE_SEQ } from '../../../protocol/constants.ts';
import { itemId } from '../../../protocol/item-id.ts';
import { signRecord } from '../../../protocol/verified.ts';
import {
  channelRecord,
  editorKey,
  editorSecret,
  itemRecord,
  mirrorRecord,
  NOW,
  nodeSecret,
  rootKey,
  rootSecret,
  strangerSecret,
} from '../../protocol/sample-records.ts';

const id = channelId(rootKey);
const nonce = (n: number) => new Uint8Array(16).fill(n);
const item = (n: number) => itemId(rootKey, nonce(n));
const from = { from: 'a test' };

let directory: string;
let db: Level<string, unknown>;
let clock = NOW;
let catalogue: Catalogue;

async function open(): Promise<void> {
  db = new Level(join(directory, 'db'), { valueEncoding: 'json' });
  catalogue = createCatalogue({ db, log: createLog('silent'), now: () => clock });
  await catalogue.start();
}

async function close(): Promise<void> {
  await catalogue.stop();
  await db.close();
}

beforeEach(async () => {
  clock = NOW;
  directory = await mkdtemp(join(tmpdir(), 'heliograph-catalogue-'));
  await open();
});

afterEach(async () => {
  await close();
  await rm(directory, { recursive: true });
});

const channel = (change = {}, secret = rootSecret) =>
  catalogue.accept(signRecord(channelRecord(change), secret), from);
const film = (change = {}, secret = rootSecret) =>
  catalogue.accept(signRecord(itemRecord(change), secret), from);
const mirror = (change = {}) => catalogue.accept(signRecord(mirrorRecord(change), nodeSecret), from);

describe('accept', () => {
  it('keeps a channel, its items and its mirrors, and tells of each', async () => {
    const events: CatalogueEvent[] = [];
    catalogue.on((event) => events.push(event));
    expect(await channel()).toEqual({ outcome: 'kept' });
    expect(await film()).toEqual({ outcome: 'kept' });
    expect(await mirror()).toEqual({ outcome: 'kept' });
    expect(await film()).toEqual({ outcome: 'known' });
    expect(catalogue.channel(id)?.record.name).toBe('Sunlight Television');
    expect(catalogue.items(id).map(({ record }) => record.title)).toEqual(['Big Buck Bunny']);
    expect(catalogue.item(item(9))?.record.title).toBe('Big Buck Bunny');
    expect(catalogue.mirrors(id)).toHaveLength(1);
    expect(catalogue.records(id)).toHaveLength(3);
    expect(events.map(({ type }) => type)).toEqual(['channel', 'item', 'mirror']);
  });

  it('refuses with a code, counts, and says what a node does with the sender', async () => {
    await channel({ seq: 5 });
    const tries = [
      [await channel({ seq: 4 }), 'lower-seq', 'ignore'],
      [await channel({ seq: 6 }, strangerSecret), 'wrong-key', 'reject'],
      [await channel({ seq: 6, at: NOW + 1e7 }), 'from-the-future', 'ignore'],
      [await film({}, editorSecret), 'not-editor', 'ignore'],
      [await catalogue.accept(new Uint8Array(20_000), from), 'too-large', 'reject'],
      [await catalogue.accept(Uint8Array.of(1, 2), from), 'not-canonical', 'reject'],
    ] as const;
    for (const [acceptance, code, verdict] of tries) {
      expect(acceptance).toMatchObject({ outcome: 'refused', refusal: { code } });
      expect(relayVerdict(acceptance)).toBe(verdict);
      expect(catalogue.refused[code]).toBe(1);
    }
  });

  it('sees a stolen key, keeps both records and remembers it', async () => {
    await channel();
    expect(await channel({ name: 'Not Sunlight' })).toMatchObject({ refusal: { code: 'fork' } });
    expect(catalogue.flagged(id)).toBe(true);
    expect(catalogue.channel(id)?.record.name).toBe('Sunlight Television');
    await close();
    await open();
    expect(catalogue.flagged(id)).toBe(true);
  });

  it('orders records of one key that come at once', async () => {
    const seqs = [3, 1, 4, 1, 5, 9, 2, 6];
    await Promise.all(seqs.map((seq) => channel({ seq })));
    expect(catalogue.channel(id)?.record.seq).toBe(9);
  });

  it('takes an editor’s items only while the channel says so', async () => {
    await channel({ keys: [{ key: editorKey, scope: 'editor', until: NOW + 1000 }] });
    expect(await film({ nonce: nonce(1) }, editorSecret)).toEqual({ outcome: 'kept' });
    await channel({ seq: 8, keys: [] });
    expect(await film({ nonce: nonce(2) }, editorSecret)).toMatchObject({ refusal: { code: 'not-editor' } });
  });

  it('forgets nothing it kept, and goes back to nothing older, over a restart', async () => {
    await channel({ seq: 3 });
    await film();
    await close();
    await open();
    expect(catalogue.channel(id)?.record.seq).toBe(3);
    expect(catalogue.items(id)).toHaveLength(1);
    expect(await channel({ seq: 2 })).toMatchObject({ refusal: { code: 'lower-seq' } });
  });

  it('keeps what it took in when its clock goes back or an editor’s time runs out', async () => {
    await channel({ seq: 3, keys: [{ key: editorKey, scope: 'editor', until: NOW + 1000 }] });
    await film({}, editorSecret);
    for (const skew of [-1e9, 1e9]) {
      await close();
      clock = NOW + skew;
      await open();
      expect(catalogue.channel(id)?.record.seq).toBe(3);
      expect(catalogue.items(id)).toHaveLength(1);
    }
  });

  it('keeps a deleted item deleted, and a deleted channel with all of its items', async () => {
    await channel();
    await film();
    await film({ deleted: true, seq: TOMBSTONE_SEQ, manifest: null, folder: null });
    expect(catalogue.items(id)).toEqual([]);
    expect(catalogue.item(item(9))).toBeUndefined();
    expect(await film({ seq: 8 })).toMatchObject({ refusal: { code: 'lower-seq' } });
    await film({ nonce: nonce(2) });
    await channel({ deleted: true, seq: TOMBSTONE_SEQ, name: '' });
    expect(catalogue.channels()).toEqual([]);
    expect(catalogue.items(id)).toEqual([]);
    expect(catalogue.records(id)).toHaveLength(1);
    expect(await film({ nonce: nonce(3) })).toMatchObject({ refusal: { code: 'deleted' } });
  });

  it('lists a mirror only while its record lasts', async () => {
    await channel();
    await mirror();
    clock = NOW + 600_001;
    expect(catalogue.mirrors(id)).toEqual([]);
    expect(catalogue.records(id)).toHaveLength(1);
  });

  it('never goes back, over any sequence of records, clocks and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ seq: fc.nat(5), fork: fc.boolean(), skew: fc.integer({ min: -1e6, max: 1e6 }) }),
          {
            maxLength: 12,
          },
        ),
        async (steps) => {
          const secret = new Uint8Array(32).map(() => Math.floor(Math.random() * 256));
          const own = channelId(ed25519.getPublicKey(secret));
          let highest = -1;
          const seen = new Map<number, Set<boolean>>();
          for (const { seq, fork, skew } of steps) {
            clock = NOW + skew;
            const record = channelRecord({
              channel: ed25519.getPublicKey(secret),
              seq,
              name: fork ? 'B' : 'A',
            });
            const acceptance = await catalogue.accept(signRecord(record, secret), from);
            if (acceptance.outcome === 'kept') {
              expect(seq).toBeGreaterThan(highest);
              highest = seq;
              seen.set(seq, new Set([fork]));
            } else if (acceptance.outcome === 'refused' && acceptance.refusal.code === 'fork') {
              seen.get(seq)?.add(fork);
            }
            if (highest >= 0) expect(catalogue.channel(own)?.record.seq).toBe(highest);
            if ([...seen.values()].some((names) => names.size > 1)) expect(catalogue.flagged(own)).toBe(true);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('what strangers can fill', () => {
  it('takes no item or mirror of a channel it does not know', async () => {
    expect(await film()).toMatchObject({ refusal: { code: 'unknown-channel' } });
    expect(await mirror()).toMatchObject({ refusal: { code: 'unknown-channel' } });
    expect(catalogue.counts()).toEqual({ channels: 0, items: 0 });
  });

  it('keeps one proof of a stolen key, however many come', async () => {
    await channel();
    for (const name of ['B', 'C', 'D']) await channel({ name });
    const proofs = await db.sublevel('records').keys().all();
    expect(proofs.filter((key) => key.startsWith('fork/'))).toHaveLength(1);
  });

  it('makes room for a mirror when others have run out', async () => {
    await channel();
    const other = (n: number) => {
      const secret = new Uint8Array(32).fill(n);
      const record = mirrorRecord({
        node: ed25519.getPublicKey(secret),
        at: clock,
        seq: clock,
        until: clock + 600_000,
      });
      return catalogue.accept(signRecord(record, secret), from);
    };
    for (let n = 10; n < 10 + limits.mirrorsOfAChannel; n++)
      expect(await other(n)).toEqual({ outcome: 'kept' });
    expect(await other(250)).toMatchObject({ refusal: { code: 'full' } });
    clock += 600_001;
    expect(await other(250)).toEqual({ outcome: 'kept' });
  });

  it('keeps to its bytes for one channel, but takes what this node itself has made', async () => {
    await channel();
    const before = limits.bytesOfAChannel;
    limits.bytesOfAChannel = 4000;
    try {
      const long = (n: number, own: boolean) =>
        catalogue.accept(
          signRecord(itemRecord({ nonce: nonce(n), description: 'x'.repeat(3000) }), rootSecret),
          { ...from, own },
        );
      expect(await long(1, false)).toEqual({ outcome: 'kept' });
      expect(await long(2, false)).toMatchObject({ refusal: { code: 'full' } });
      expect(await long(2, true)).toEqual({ outcome: 'kept' });
    } finally {
      limits.bytesOfAChannel = before;
    }
  });
});

describe('what is sent to a node that comes late', () => {
  const all = async (have: ReadonlyMap<string, Uint8Array>) => {
    const records: Uint8Array[] = [];
    for await (const record of catalogue.beyond(have)) records.push(record);
    return records;
  };

  it('is everything, channels first, then nothing but live mirrors once it has that', async () => {
    await channel();
    await film();
    await mirror();
    expect(await all(new Map())).toHaveLength(3);
    const have = new Map<string, Uint8Array>();
    for await (const [channelOf, digest] of catalogue.digests()) have.set(channelOf, digest);
    expect(await all(have)).toHaveLength(1);
    await film({ nonce: nonce(2) });
    expect(await all(have)).toHaveLength(4);
  });
});
