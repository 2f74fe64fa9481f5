/** What a channel truly is: signed records from any number of sources, verified, ordered and compared with what was seen. */

import { sameBytes } from '../../protocol/canonical.ts';
import { channelId, channelKey } from '../../protocol/channel-id.ts';
import { TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import { itemId } from '../../protocol/item-id.ts';
import {
  type AnyRecord,
  type ChannelRecord,
  type ItemRecord,
  type MirrorRecord,
  recordKey,
} from '../../protocol/records.ts';
import { supersedes } from '../../protocol/supersedes.ts';
import { isRecordType, type RefusalCode, type Verified, verifyRecord } from '../../protocol/verified.ts';

/** The signed records that one source gave. */
export interface RecordBatch {
  source: string;
  records: readonly Uint8Array[];
}

export interface ChannelState {
  id: string;
  /** Null when no source gave a true record of this channel, or when the publisher deleted it. */
  channel: Verified<ChannelRecord> | null;
  deleted: boolean;
  /** Not deleted, newest first. */
  items: Verified<ItemRecord>[];
  /** Alive now. */
  mirrors: Verified<MirrorRecord>[];
  /** Two different records carry one number: the channel's key may be stolen. */
  forked: boolean;
  /** True when all that came is older than, or lacks, what this browser has seen before. */
  rolledBack: boolean;
  refused: { source: string; code: RefusalCode | 'other-channel' }[];
  /** The highest seq of each record key, earlier sightings included. */
  seen: Map<string, number>;
}

interface Context {
  now: number;
  /** Highest seq that this browser saw, by record key. */
  seen: ReadonlyMap<string, number>;
}

/** Pure. The channel id is the root of trust: nothing here believes a source. */
export function channelState(id: string, batches: readonly RecordBatch[], context: Context): ChannelState {
  const root = channelKey(id);
  const kept = new Map<string, Verified<AnyRecord>>();
  const refused: ChannelState['refused'] = [];
  const forks = new Set<string>();
  const take = (source: string, bytes: Uint8Array, channel?: ChannelRecord) => {
    const verdict = verifyRecord(bytes, { now: context.now, channel: () => channel });
    if (!verdict.ok) {
      const { code } = verdict.refusal;
      if (code !== 'unknown-channel') refused.push({ source, code });
      return code;
    }
    const { value } = verdict;
    if (root === null || !sameBytes(value.record.channel, root)) {
      refused.push({ source, code: 'other-channel' });
      return 'other-channel';
    }
    const key = recordKey(value.record);
    const held = kept.get(key);
    const standing = supersedes(value, held);
    if (standing === 'fork') forks.add(key);
    // Of two that contradict each other every viewer keeps the same one, whatever order they came in.
    const wins = standing === 'newer' || (standing === 'fork' && `${value.cid}` < `${held?.cid}`);
    if (wins) kept.set(key, value);
    return null;
  };
  // Items signed by an editor can be judged only when the channel's own record, which names its editors, is known.
  const later: { source: string; bytes: Uint8Array }[] = [];
  for (const { source, records } of batches)
    for (const bytes of records) if (take(source, bytes) === 'unknown-channel') later.push({ source, bytes });
  const newest = kept.get(`channel/${id}`);
  const channel = newest && isRecordType(newest, 'channel') ? newest : undefined;
  for (const { source, bytes } of later) {
    const code = take(source, bytes, channel?.record);
    if (code === 'unknown-channel') refused.push({ source, code });
  }
  return {
    id,
    channel: channel && !channel.record.deleted ? channel : null,
    deleted: channel?.record.deleted ?? false,
    items: itemsOf(kept, context.seen),
    mirrors: [...kept.values()].filter((value) => isRecordType(value, 'mirror')),
    forked: forks.size > 0,
    rolledBack: isRolledBack(kept, context.seen),
    refused,
    seen: highest(kept, context.seen),
  };
}

/** The item with this text id, or undefined when the channel does not list it. */
export function findItem(state: ChannelState, id: string): Verified<ItemRecord> | undefined {
  return state.items.find(({ record }) => itemId(record.channel, record.nonce) === id);
}

/** The text id of the item in a record. */
export function itemIdOf({ record }: Verified<ItemRecord>): string {
  return itemId(record.channel, record.nonce);
}

/** The text id of the channel that a record belongs to. */
export function channelIdOf({ record }: Verified<AnyRecord>): string {
  return channelId(record.channel);
}

function itemsOf(kept: ReadonlyMap<string, Verified<AnyRecord>>, seen: ReadonlyMap<string, number>) {
  return [...kept]
    .filter(([key]) => seen.get(key) !== TOMBSTONE_SEQ)
    .map(([, value]) => value)
    .filter((value) => isRecordType(value, 'item'))
    .filter(({ record }) => !record.deleted)
    .sort((a, b) => b.record.at - a.record.at);
}

function isRolledBack(kept: ReadonlyMap<string, Verified<AnyRecord>>, seen: ReadonlyMap<string, number>) {
  for (const [key, seq] of seen) {
    const value = kept.get(key);
    // A tombstone need not be kept for ever by everyone; that it is gone brings nothing back.
    if (value === undefined ? seq !== TOMBSTONE_SEQ : value.record.seq < seq) return true;
  }
  return false;
}

function highest(kept: ReadonlyMap<string, Verified<AnyRecord>>, seen: ReadonlyMap<string, number>) {
  const result = new Map(seen);
  for (const [key, { record }] of kept) {
    if (record.type !== 'mirror') result.set(key, Math.max(record.seq, result.get(key) ?? 0));
  }
  return result;
}
