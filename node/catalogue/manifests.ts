/** Manifests and segment lists of catalogued items, from the store or the network, and which CIDs they allow. */
import type { CID } from 'multiformats/cid';
import { channelId } from '../../protocol/channel-id.ts';
import { DAG_CBOR } from '../../protocol/cid.ts';
import { itemId } from '../../protocol/item-id.ts';
import {
  decodeManifest,
  decodeSegmentList,
  type Manifest,
  type SegmentList,
} from '../../protocol/manifest.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Content } from '../content/content.ts';
import { HeliographError } from '../errors.ts';
import type { Catalogue } from './catalogue.ts';

/** Items whose manifest and lists stay in memory, least recently used out first. */
const OPEN_ITEMS = 32;
const BACKGROUND_MS = 30_000;

export interface LoadOptions {
  signal: AbortSignal;
  /** Whether blocks that are not here may be asked of the network. */
  fetch: boolean;
}

export interface Manifests {
  /** Throws `not-found` when it is neither here nor to be had, `bad-block` when it is not a manifest. */
  load(item: Verified<ItemRecord>, options: LoadOptions): Promise<{ manifest: Manifest }>;
  /** The segment list of one rendition; errors as `load`. */
  list(item: Verified<ItemRecord>, rendition: string, options: LoadOptions): Promise<SegmentList>;
  /** Whether a CID is part of a catalogued item, so that it may be fetched from the network for a viewer. */
  allows(cid: CID): boolean;
}

interface OpenItem {
  item: Verified<ItemRecord>;
  manifest?: Manifest;
  lists: Map<string, SegmentList>;
  cids: Set<string>;
}

export function createManifests(options: {
  content: Pick<Content, 'getBlock'>;
  catalogue: Pick<Catalogue, 'channels' | 'items' | 'item' | 'on'>;
}): Manifests {
  const { content, catalogue } = options;
  /** By the CID of the manifest, so that an item published anew has nothing of the old one. */
  const open = new Map<string, OpenItem>();
  /** Item ids by the CIDs of manifests, posters and folders that records name. */
  const named = new Map<string, Set<string>>();
  const namesOf = new Map<string, string[]>();

  function name(id: string, { record }: Verified<ItemRecord>): void {
    forget(id);
    const cids = [record.manifest, record.folder, record.poster].filter((cid) => cid !== null).map(String);
    namesOf.set(id, cids);
    for (const cid of cids) named.set(cid, (named.get(cid) ?? new Set()).add(id));
  }

  function forget(id: string): void {
    for (const cid of namesOf.get(id) ?? []) {
      const ids = named.get(cid);
      ids?.delete(id);
      if (ids?.size === 0) named.delete(cid);
    }
    namesOf.delete(id);
    for (const cid of open.keys()) if (!named.has(cid)) open.delete(cid);
  }

  function opened(item: Verified<ItemRecord>): OpenItem {
    const id = String(item.record.manifest);
    const entry = open.get(id) ?? { item, lists: new Map(), cids: new Set() };
    open.delete(id);
    open.set(id, entry);
    for (const oldest of open.keys()) {
      if (open.size <= OPEN_ITEMS) break;
      open.delete(oldest);
    }
    return entry;
  }

  async function load(item: Verified<ItemRecord>, loadOptions: LoadOptions): Promise<{ manifest: Manifest }> {
    const entry = opened(item);
    if (entry.manifest === undefined) {
      const cid = item.record.manifest;
      if (cid === null) throw new HeliographError('not-found', `item ${itemKey(item)} was deleted`);
      const manifest = decodeManifest(await content.getBlock(cid, loadOptions));
      if (manifest === null) throw notThat(cid, 'manifest');
      entry.manifest = manifest;
      for (const part of manifestCids(manifest)) entry.cids.add(part.toString());
    }
    return { manifest: entry.manifest };
  }

  async function list(
    item: Verified<ItemRecord>,
    rendition: string,
    loadOptions: LoadOptions,
  ): Promise<SegmentList> {
    const entry = opened(item);
    const { manifest } = await load(item, loadOptions);
    const known = entry.lists.get(rendition);
    if (known !== undefined) return known;
    const cid = manifest.renditions.find(({ id }) => id === rendition)?.list;
    if (cid === undefined) throw new HeliographError('not-found', `there is no rendition "${rendition}"`);
    const segments = decodeSegmentList(await content.getBlock(cid, loadOptions));
    if (segments === null) throw notThat(cid, 'segment list');
    entry.lists.set(rendition, segments);
    if (segments.init) entry.cids.add(segments.init.cid.toString());
    for (const [segment] of segments.segments) entry.cids.add(segment.toString());
    return segments;
  }

  /** A viewer who asks for a manifest or list will ask next for what it names, so that becomes known here too. */
  function openBehind(cid: string): void {
    const inBackground = { signal: AbortSignal.timeout(BACKGROUND_MS), fetch: true };
    for (const id of named.get(cid) ?? []) {
      const item = catalogue.item(id);
      if (item?.record.manifest?.toString() === cid) load(item, inBackground).catch(() => {});
    }
    for (const { item, manifest } of [...open.values()]) {
      const rendition = manifest?.renditions.find((candidate) => candidate.list.toString() === cid);
      if (rendition !== undefined) list(item, rendition.id, inBackground).catch(() => {});
    }
  }

  for (const channel of catalogue.channels()) {
    for (const item of catalogue.items(channelId(channel.record.channel))) name(itemKey(item), item);
  }
  catalogue.on((event) => {
    if (event.type !== 'item') return;
    const item = catalogue.item(event.id);
    if (item === undefined) forget(event.id);
    else name(event.id, item);
  });

  return {
    load,
    list,
    allows(cid) {
      const text = cid.toString();
      const allowed = named.has(text) || [...open.values()].some((entry) => entry.cids.has(text));
      if (allowed && cid.code === DAG_CBOR) openBehind(text);
      return allowed;
    },
  };
}

function itemKey({ record }: Verified<ItemRecord>): string {
  return itemId(record.channel, record.nonce);
}

function notThat(cid: CID, what: string): HeliographError {
  return new HeliographError('bad-block', `${cid} is not a ${what}; its publisher made a mistake`);
}

function manifestCids({ poster, storyboard, folder, renditions }: Manifest): CID[] {
  const files = [poster, storyboard?.vtt, ...(storyboard?.images ?? [])].filter((ref) => ref != null);
  return [folder, ...files.map((ref) => ref.cid), ...renditions.map((rendition) => rendition.list)];
}
