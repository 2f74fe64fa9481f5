/** A channel's library index: every listed item and the CID of its record, so that none can be held back unnoticed. */
import { CID } from 'multiformats/cid';
import * as z from 'zod/mini';
import { decodeCanonical, encodeCanonical } from './canonical.ts';
import { LIBRARY_PAGE_ITEMS, MAX_BLOCK_BYTES } from './constants.ts';
import { isItemId } from './item-id.ts';

const cid = z.custom<CID>((value) => CID.asCID(value) !== null, 'not a CID');
const itemId = z.string().check(z.refine(isItemId));

const libraryShape = z.strictObject({ v: z.literal(1), pages: z.array(cid).check(z.maxLength(1024)) });
const libraryPageShape = z.strictObject({
  v: z.literal(1),
  items: z.array(z.tuple([itemId, cid])).check(z.maxLength(LIBRARY_PAGE_ITEMS)),
});

export type Library = z.infer<typeof libraryShape>;
/** An item's id and the CID of its signed record. */
export type LibraryEntry = readonly [id: string, record: CID];

/** The page blocks for these entries, sorted by id so that one library has one form. */
export function encodeLibraryPages(entries: readonly LibraryEntry[]): Uint8Array[] {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const pages: Uint8Array[] = [];
  for (let at = 0; at < sorted.length; at += LIBRARY_PAGE_ITEMS) {
    pages.push(encodeCanonical({ v: 1, items: sorted.slice(at, at + LIBRARY_PAGE_ITEMS) }));
  }
  return pages;
}

export function encodeLibrary(pages: readonly CID[]): Uint8Array {
  return encodeCanonical({ v: 1, pages });
}

export function decodeLibrary(block: Uint8Array): Library | null {
  return decode(libraryShape, block);
}

export function decodeLibraryPage(block: Uint8Array): { items: LibraryEntry[] } | null {
  return decode(libraryPageShape, block);
}

function decode<T>(shape: z.ZodMiniType<T>, block: Uint8Array): T | null {
  if (block.byteLength > MAX_BLOCK_BYTES) return null;
  const parsed = shape.safeParse(decodeCanonical(block));
  return parsed.success ? parsed.data : null;
}
