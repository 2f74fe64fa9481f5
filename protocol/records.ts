/** The shapes of the signed records: channel, item and mirror (design: Records). */
import { CID } from 'multiformats/cid';
import * as z from 'zod/mini';
import { channelId } from './channel-id.ts';
import { MAX_DELEGATES, TOMBSTONE_SEQ } from './constants.ts';
import { itemId } from './item-id.ts';

const key = bytesOf(32);
const cid = z.custom<CID>((value) => CID.asCID(value) !== null, 'not a CID');
const text = (max: number) => z.string().check(z.maxLength(max));
const whole = z.int().check(z.nonnegative());
const url = z.string().check(z.maxLength(512), z.regex(/^(https?|wss?):\/\/[^\s"<>]+$/));

/** What every record that is ordered by `seq` carries. Times are milliseconds since 1970, UTC. */
const ordered = {
  v: z.literal(1),
  /** The channel's root public key. */
  channel: key,
  seq: whole,
  at: whole,
  deleted: z.boolean(),
  /** The record this one supersedes. */
  previous: z.nullable(cid),
};

export const delegateScopes = ['editor', 'live', 'scheduler'] as const;
export const itemKinds = ['film', 'episode', 'track', 'picture', 'document'] as const;

export const channelRecordShape = z.strictObject({
  type: z.literal('channel'),
  ...ordered,
  name: text(200),
  description: text(4000),
  /** BCP 47. */
  language: z.nullable(text(35)),
  categories: z.array(text(64)).check(z.maxLength(16)),
  logo: z.nullable(cid),
  /** The library index block: every listed item's record. */
  library: z.nullable(cid),
  schedule: z.nullable(cid),
  keys: z
    .array(z.strictObject({ key, scope: z.enum(delegateScopes), until: whole }))
    .check(z.maxLength(MAX_DELEGATES)),
});

export const itemRecordShape = z.strictObject({
  type: z.literal('item'),
  ...ordered,
  /** With the channel's key it makes the item's id. */
  nonce: bytesOf(16),
  kind: z.enum(itemKinds),
  title: text(300),
  description: text(4000),
  credits: text(1000),
  series: z.nullable(z.strictObject({ title: text(300), season: whole, episode: whole })),
  language: z.nullable(text(35)),
  durationMs: whole,
  /** The manifest block; null only in a tombstone. */
  manifest: z.nullable(cid),
  /** The item as a plain UnixFS folder of HLS, for any IPFS gateway. */
  folder: z.nullable(cid),
  poster: z.nullable(cid),
});

export const mirrorRecordShape = z.strictObject({
  type: z.literal('mirror'),
  v: z.literal(1),
  channel: key,
  /** The mirroring node's public key, which signs. */
  node: key,
  seq: whole,
  at: whole,
  until: whole,
  http: z.array(url).check(z.maxLength(8)),
  trackers: z.array(url).check(z.maxLength(8)),
  /** Multiaddrs, with the peer id. */
  addresses: z.array(text(512)).check(z.maxLength(16)),
  /** Items of the channel that the node holds whole. */
  items: whole,
  /** Bytes it still has room for. */
  room: whole,
});

export const recordShape = z.discriminatedUnion('type', [
  channelRecordShape,
  itemRecordShape,
  mirrorRecordShape,
]);

export type ChannelRecord = z.infer<typeof channelRecordShape>;
export type ItemRecord = z.infer<typeof itemRecordShape>;
export type MirrorRecord = z.infer<typeof mirrorRecordShape>;
export type AnyRecord = ChannelRecord | ItemRecord | MirrorRecord;
export type Delegate = ChannelRecord['keys'][number];
export type ItemKind = (typeof itemKinds)[number];

/** The name under which the newest record of its kind is kept; two records with one key compete by `seq`. */
export function recordKey(record: AnyRecord): string {
  const channel = channelId(record.channel);
  switch (record.type) {
    case 'channel':
      return `channel/${channel}`;
    case 'item':
      return `item/${channel}/${itemId(record.channel, record.nonce)}`;
    case 'mirror':
      return `mirror/${channel}/${channelId(record.node)}`;
  }
}

/** What the shapes alone cannot say; the reason when a record breaks it, else null. */
export function recordInconsistency(record: AnyRecord): string | null {
  if (record.type === 'mirror')
    return record.until > record.at ? null : 'a mirror record ends before it begins';
  if (record.deleted !== (record.seq === TOMBSTONE_SEQ))
    return 'a tombstone, and only a tombstone, has the highest seq';
  if (record.type === 'item' && record.deleted !== (record.manifest === null))
    return 'an item without a manifest';
  if (record.type === 'channel' && !record.deleted && record.name.trim() === '')
    return 'a channel without a name';
  return null;
}

function bytesOf(length: number) {
  return z.custom<Uint8Array>(
    (value) => value instanceof Uint8Array && value.byteLength === length,
    'wrong length',
  );
}
