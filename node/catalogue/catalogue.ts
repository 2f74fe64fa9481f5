/** Everything this node knows of channels, items and mirrors; `accept` is the one door by which records come in. */
import type { Level } from 'level';
import type { GatewayEvents } from '../../protocol/api.ts';
import { channelId } from '../../protocol/channel-id.ts';
import { itemId } from '../../protocol/item-id.ts';
import {
  type AnyRecord,
  type ChannelRecord,
  type ItemRecord,
  type MirrorRecord,
  recordKey,
} from '../../protocol/records.ts';
import { supersedes } from '../../protocol/supersedes.ts';
import { channelDigest } from '../../protocol/sync.ts';
import {
  isRecordType,
  type Refusal,
  type RefusalCode,
  type Verified,
  verifyRecord,
} from '../../protocol/verified.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import { lackOfRoom } from './lack-of-room.ts';
import { createNativeEd25519 } from './native-ed25519.ts';
import { createRecordStore, type RecordStore } from './record-store.ts';
import { emptyShelf, isLive, lastingRecords, listedItems, type Shelf } from './shelf.ts';

const FORK_PREFIX = 'fork/';

export type Acceptance = { outcome: 'kept' | 'known' } | { outcome: 'refused'; refusal: Refusal };

export type CatalogueEvent = {
  [K in keyof GatewayEvents]: { type: K } & GatewayEvents[K];
}[keyof GatewayEvents];

export interface Catalogue extends Service {
  /**
   * Verifies, orders and keeps a record; it is on disk when this resolves with `kept`. Refusals are counted. Records
   * of this node's own making (`own`) are kept even when the catalogue is full.
   */
  accept(bytes: Uint8Array, source: { from: string; own?: boolean }): Promise<Acceptance>;
  /** Channels that are not deleted. */
  channels(): Verified<ChannelRecord>[];
  channel(id: string): Verified<ChannelRecord> | undefined;
  /** Whether proof was seen that the channel's key is in two hands. */
  flagged(id: string): boolean;
  /** Items that are not deleted, newest first. */
  items(channel: string): readonly Verified<ItemRecord>[];
  item(id: string): Verified<ItemRecord> | undefined;
  /** Mirrors whose records have not run out. */
  mirrors(channel: string): MirrorRecord[];
  /** The signed records of a channel as they travel: channel, items with tombstones, live mirrors. */
  records(channel: string): Uint8Array[];
  /** Digest of each channel's records, for the sync protocol. */
  digests(): AsyncIterable<[channel: string, digest: Uint8Array]>;
  /** Signed records of the channels whose digests differ from these, channel records before items. */
  beyond(have: ReadonlyMap<string, Uint8Array>): AsyncIterable<Uint8Array>;
  /** Tells of every record kept; returns how to stop listening. */
  on(listener: (event: CatalogueEvent) => void): () => void;
  readonly refused: Readonly<Partial<Record<RefusalCode, number>>>;
  counts(): { channels: number; items: number };
  /** False when a stored record was damaged, so that something this node holds may be unknown to it. */
  intact(): boolean;
}

export function createCatalogue(options: {
  db: Level<string, unknown>;
  log: Log;
  now?: () => number;
}): Catalogue {
  const log = scoped(options.log, 'node/catalogue/catalogue');
  const now = options.now ?? Date.now;
  const store: RecordStore = createRecordStore(options.db);
  const shelves = new Map<string, Shelf>();
  const channelOfItem = new Map<string, string>();
  const ed25519 = createNativeEd25519();
  /** Of all channels' and items' records together. */
  let bytes = 0;
  let intact = true;
  const listeners = new Set<(event: CatalogueEvent) => void>();
  const refused: Partial<Record<RefusalCode, number>> = {};
  /** Writes under way by record key, so that two records with one key are ordered one after the other. */
  const underWay = new Map<string, Promise<unknown>>();

  const shelfOf = (rootKey: Uint8Array): Shelf | undefined => shelves.get(channelId(rootKey));

  function check(bytes: Uint8Array, kept = false) {
    return verifyRecord(bytes, {
      now: now(),
      kept,
      channel: (rootKey) => shelfOf(rootKey)?.channel?.record,
      ed25519,
    });
  }

  function held(record: AnyRecord, shelf: Shelf): Verified<AnyRecord> | undefined {
    switch (record.type) {
      case 'channel':
        return shelf.channel;
      case 'item':
        return shelf.items.get(itemId(record.channel, record.nonce));
      case 'mirror':
        return shelf.mirrors.get(recordKey(record));
    }
  }

  function place(value: Verified<AnyRecord>): void {
    const id = channelId(value.record.channel);
    const shelf = shelves.get(id) ?? emptyShelf();
    shelves.set(id, shelf);
    const grown = value.bytes.byteLength - (held(value.record, shelf)?.bytes.byteLength ?? 0);
    if (isRecordType(value, 'channel')) {
      shelf.channel = value;
    } else if (isRecordType(value, 'item')) {
      const item = itemId(value.record.channel, value.record.nonce);
      shelf.items.set(item, value);
      channelOfItem.set(item, id);
    } else if (isRecordType(value, 'mirror')) {
      for (const [key, mirror] of shelf.mirrors) if (!isLive(mirror, now())) shelf.mirrors.delete(key);
      shelf.mirrors.set(recordKey(value.record), value);
      return;
    }
    shelf.bytes += grown;
    bytes += grown;
    shelf.digest = undefined;
    shelf.listed = undefined;
  }

  function refuse(refusal: Refusal): Acceptance {
    refused[refusal.code] = (refused[refusal.code] ?? 0) + 1;
    return { outcome: 'refused', refusal };
  }

  async function keep(value: Verified<AnyRecord>, own: boolean): Promise<Acceptance> {
    const { record } = value;
    const shelf = shelfOf(record.channel) ?? emptyShelf();
    const before = held(record, shelf);
    const standing = supersedes(value, before);
    if (standing === 'same') return { outcome: 'known' };
    if (standing === 'lower-seq') {
      return refuse({ code: 'lower-seq', reason: `seq ${record.seq}, but ${before?.record.seq} is held` });
    }
    if (standing === 'fork') {
      if (record.type !== 'mirror' && !own) await flag(value);
      return refuse({ code: 'fork', reason: `two different records have seq ${record.seq}` });
    }
    if (record.type !== 'channel' && shelf.channel === undefined) {
      return refuse({ code: 'unknown-channel', reason: 'its channel is not known here yet' });
    }
    if (shelf.channel?.record.deleted && record.type !== 'channel') {
      return refuse({ code: 'deleted', reason: 'its channel has been deleted' });
    }
    const load = { channels: shelves.size, items: channelOfItem.size, bytes };
    const full = own ? null : lackOfRoom(value, before, shelf, load, now());
    if (full !== null) return refuse(full);
    if (record.type !== 'mirror') await store.put(recordKey(record), value.bytes);
    place(value);
    emit(eventOf(record));
    return { outcome: 'kept' };
  }

  async function flag(value: Verified<AnyRecord>): Promise<void> {
    const id = channelId(value.record.channel);
    const shelf = shelves.get(id);
    if (shelf === undefined || shelf.flagged) return;
    shelf.flagged = true;
    await store.put(`${FORK_PREFIX}${id}/${value.cid}`, value.bytes);
    log.warn(
      { channel: id, seq: value.record.seq },
      'two records with one seq: the key of this channel may be stolen',
    );
    emit({ type: 'channel', id });
  }

  function emit(event: CatalogueEvent): void {
    for (const listener of listeners) listener(event);
  }

  return {
    name: 'catalogue',
    refused,

    async start() {
      const later: [string, Uint8Array | null][] = [];
      const restore = (key: string, stored: Uint8Array | null) => {
        const verdict = stored && check(stored, true);
        if (verdict?.ok) {
          place(verdict.value);
          return;
        }
        intact = false;
        log.error({ key }, 'a stored record has been damaged; it is left out until somebody sends it again');
      };
      for await (const [key, stored] of store.all()) {
        if (key.startsWith(FORK_PREFIX)) {
          const id = key.split('/')[1] ?? '';
          shelves.set(id, { ...(shelves.get(id) ?? emptyShelf()), flagged: true });
        } else if (key.startsWith('channel/')) {
          restore(key, stored);
        } else {
          later.push([key, stored]);
        }
      }
      for (const [key, stored] of later) restore(key, stored);
    },

    async stop() {
      await Promise.allSettled(underWay.values());
      listeners.clear();
    },

    async accept(signed, { from, own = false }) {
      const verdict = check(signed);
      if (!verdict.ok) {
        log.debug({ from, ...verdict.refusal }, 'record refused');
        return refuse(verdict.refusal);
      }
      const key = recordKey(verdict.value.record);
      const turn = (underWay.get(key) ?? Promise.resolve()).then(() => keep(verdict.value, own));
      const settled = turn.catch(() => {});
      underWay.set(key, settled);
      try {
        return await turn;
      } finally {
        if (underWay.get(key) === settled) underWay.delete(key);
      }
    },

    channels: () =>
      [...shelves.values()]
        .map((shelf) => shelf.channel)
        .filter((c) => c !== undefined && !c.record.deleted) as Verified<ChannelRecord>[],
    channel(id) {
      const channel = shelves.get(id)?.channel;
      return channel?.record.deleted ? undefined : channel;
    },
    flagged: (id) => shelves.get(id)?.flagged ?? false,
    items(id) {
      const shelf = shelves.get(id);
      return shelf === undefined || shelf.channel?.record.deleted ? [] : listedItems(shelf);
    },
    item(id) {
      const shelf = shelves.get(channelOfItem.get(id) ?? '');
      const item = shelf?.items.get(id);
      return item?.record.deleted || shelf?.channel?.record.deleted ? undefined : item;
    },
    mirrors: (id) =>
      [...(shelves.get(id)?.mirrors.values() ?? [])].filter((m) => isLive(m, now())).map((m) => m.record),
    records(id) {
      const shelf = shelves.get(id);
      if (shelf === undefined) return [];
      const live = [...shelf.mirrors.values()].filter((m) => isLive(m, now()));
      return [...lastingRecords(shelf), ...live].map((r) => r.bytes);
    },

    async *digests() {
      for (const [id, shelf] of shelves) {
        if (shelf.channel !== undefined) yield [id, digestOf(shelf)];
      }
    },

    async *beyond(have) {
      for (const shelf of [...shelves.values()]) {
        const { channel } = shelf;
        if (channel === undefined) continue;
        const theirs = have.get(channelId(channel.record.channel));
        if (theirs === undefined || Buffer.compare(theirs, digestOf(shelf)) !== 0) {
          for (const record of lastingRecords(shelf)) yield record.bytes;
        }
        for (const mirror of [...shelf.mirrors.values()]) if (isLive(mirror, now())) yield mirror.bytes;
      }
    },

    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    intact: () => intact,
    counts: () => ({ channels: shelves.size, items: channelOfItem.size }),
  };
}

function digestOf(shelf: Shelf): Uint8Array {
  shelf.digest ??= channelDigest(lastingRecords(shelf).map((record) => record.cid));
  return shelf.digest;
}

function eventOf(record: AnyRecord): CatalogueEvent {
  const channel = channelId(record.channel);
  switch (record.type) {
    case 'channel':
      return { type: 'channel', id: channel };
    case 'item':
      return { type: 'item', id: itemId(record.channel, record.nonce), channel, deleted: record.deleted };
    case 'mirror':
      return { type: 'mirror', channel, node: channelId(record.node) };
  }
}
