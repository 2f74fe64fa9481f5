/** An item's manifest and segment lists, by CID from the signed record down. */
import type { CID } from 'multiformats/cid';
import {
  decodeManifest,
  decodeSegmentList,
  type Manifest,
  type Rendition,
  type SegmentList,
} from '../../protocol/manifest.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import { WebError } from '../errors.ts';
import type { VerifiedReader } from './verified-reader.ts';

export interface ReadItem {
  cid: CID;
  manifest: Manifest;
}

/** The manifest that a verified record names. Throws WebError (no-source, not-valid). */
export async function readItem(
  item: Verified<ItemRecord>,
  reader: VerifiedReader,
  signal?: AbortSignal,
): Promise<ReadItem> {
  const cid = item.record.manifest;
  if (cid === null) throw new WebError('not-found', 'the item was deleted');
  const manifest = decodeManifest(await reader.block(cid, signal));
  if (manifest === null) throw new WebError('not-valid', `${cid} is no manifest`);
  return { cid, manifest };
}

/** The segments of one rendition. Throws WebError (no-source, not-valid). */
export async function readSegmentList(
  rendition: Rendition,
  reader: VerifiedReader,
  signal?: AbortSignal,
): Promise<SegmentList> {
  const list = decodeSegmentList(await reader.block(rendition.list, signal));
  if (list === null) throw new WebError('not-valid', `${rendition.list} is no segment list`);
  return list;
}
