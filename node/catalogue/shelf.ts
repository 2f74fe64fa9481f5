/** What a node knows of one channel, in memory. */
import type { AnyRecord, ChannelRecord, ItemRecord, MirrorRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';

export interface Shelf {
  channel: Verified<ChannelRecord> | undefined;
  /** By item id, tombstones among them. */
  items: Map<string, Verified<ItemRecord>>;
  /** By record key; some may have run out. */
  mirrors: Map<string, Verified<MirrorRecord>>;
  flagged: boolean;
  /** Bytes of the channel's and its items' records. */
  bytes: number;
  /** Items that are not deleted, newest first; undefined after a change. */
  listed: Verified<ItemRecord>[] | undefined;
  /** Digest of channel and items for the sync protocol; undefined after a change. */
  digest: Uint8Array | undefined;
}

export function emptyShelf(): Shelf {
  return {
    channel: undefined,
    items: new Map(),
    mirrors: new Map(),
    flagged: false,
    bytes: 0,
    listed: undefined,
    digest: undefined,
  };
}

/** Items that are not deleted, newest first. */
export function listedItems(shelf: Shelf): readonly Verified<ItemRecord>[] {
  shelf.listed ??= [...shelf.items.values()]
    .filter((item) => !item.record.deleted)
    .sort((a, b) => b.record.at - a.record.at);
  return shelf.listed;
}

export function isLive(mirror: Verified<MirrorRecord>, now: number): boolean {
  return mirror.record.until > now;
}

/** The records of a channel that last: the channel itself and its items; of a deleted channel its tombstone alone. */
export function lastingRecords({ channel, items }: Shelf): Verified<AnyRecord>[] {
  if (channel === undefined) return [...items.values()];
  return channel.record.deleted ? [channel] : [channel, ...items.values()];
}
