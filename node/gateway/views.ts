/** Records as the API shows them. */
import { base36 } from 'multiformats/bases/base36';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';
import type { ChannelView, ItemView, MirrorView, RenditionView } from '../../protocol/api.ts';
import { channelId } from '../../protocol/channel-id.ts';
import { itemId } from '../../protocol/item-id.ts';
import { POSTER } from '../../protocol/item-paths.ts';
import type { Rendition } from '../../protocol/manifest.ts';
import type { ChannelRecord, ItemRecord, MirrorRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';

const MAX_DATE = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** What a channel's view needs of the catalogue. */
export interface ChannelSource {
  mirrors(channel: string): MirrorRecord[];
  items(channel: string): readonly Verified<ItemRecord>[];
  flagged(channel: string): boolean;
}

export function channelView({ record }: Verified<ChannelRecord>, source: ChannelSource): ChannelView {
  const id = channelId(record.channel);
  return {
    id,
    name: record.name,
    description: record.description,
    language: record.language,
    categories: record.categories,
    logo: record.logo ? `/ipfs/${record.logo}` : null,
    onAir: null,
    mirrors: source.mirrors(id).map(mirrorView),
    items: source.items(id).length,
    updated: isoTime(record.at),
    flagged: source.flagged(id),
  };
}

/** `renditions`: null while the manifest is not at hand. */
export function itemView(
  { record, cid }: Verified<ItemRecord>,
  renditions: RenditionView[] | null,
): ItemView {
  const id = itemId(record.channel, record.nonce);
  return {
    id,
    channel: channelId(record.channel),
    title: record.title,
    kind: record.kind,
    description: record.description,
    credits: record.credits,
    series: record.series,
    language: record.language,
    duration: record.durationMs / 1000,
    published: isoTime(record.at),
    record: cid.toString(),
    manifest: String(record.manifest),
    folder: record.folder?.toString() ?? null,
    poster: record.poster ? `/hls/items/${id}/${POSTER}` : null,
    renditions,
  };
}

export function renditionView(rendition: Rendition): RenditionView {
  const { id, kind, codecs, width, height, frameRate, bandwidth, language, name } = rendition;
  return {
    id,
    kind,
    codecs,
    width,
    height,
    frameRate: frameRate === null ? null : Number(frameRate),
    bandwidth,
    language,
    name,
  };
}

function mirrorView(record: MirrorRecord): MirrorView {
  return {
    node: peerIdText(record.node),
    http: record.http,
    trackers: record.trackers,
    addresses: record.addresses,
    items: record.items,
    until: isoTime(record.until),
  };
}

/** An Ed25519 public key as libp2p writes peer ids (`12D3KooW…`). */
function peerIdText(key: Uint8Array): string {
  return base58btc.baseEncode(CID.parse(channelId(key), base36).multihash.bytes);
}

/** A date beyond the year 9999 is a publisher’s mistake, shown as its last moment. */
function isoTime(ms: number): string {
  return new Date(Math.min(ms, MAX_DATE)).toISOString();
}
