import { expect, it } from 'vitest';
import { cborCid } from '../../protocol/cid.ts';
import { LIBRARY_PAGE_ITEMS, MAX_BLOCK_BYTES } from '../../protocol/constants.ts';
import { itemId } from '../../protocol/item-id.ts';
import {
  decodeLibrary,
  decodeLibraryPage,
  encodeLibrary,
  encodeLibraryPages,
  type LibraryEntry,
} from '../../protocol/library.ts';
import { rootKey } from './sample-records.ts';

const entry = (n: number): LibraryEntry => {
  const nonce = new Uint8Array(16);
  new DataView(nonce.buffer).setUint32(0, n);
  return [itemId(rootKey, nonce), cborCid(nonce)];
};

it('cuts a large library into pages below 1 MiB that hold every entry once', () => {
  const entries = Array.from({ length: LIBRARY_PAGE_ITEMS + 3 }, (_, n) => entry(n));
  const pages = encodeLibraryPages(entries);
  expect(pages.length).toBe(2);
  for (const page of pages) expect(page.byteLength).toBeLessThan(MAX_BLOCK_BYTES);
  const read = pages.flatMap((page) => decodeLibraryPage(page)?.items ?? []).map(([id]) => id);
  expect(new Set(read)).toEqual(new Set(entries.map(([id]) => id)));
  const cids = pages.map(cborCid);
  expect(decodeLibrary(encodeLibrary(cids))?.pages.map(String)).toEqual(cids.map(String));
});

it('has one form, whatever the order', () => {
  const entries = [entry(1), entry(2), entry(3)];
  expect(encodeLibraryPages(entries)).toEqual(encodeLibraryPages(entries.toReversed()));
});

it('refuses what is not a library', () => {
  expect(decodeLibrary(Uint8Array.of(1))).toBeNull();
  expect(decodeLibraryPage(encodeLibrary([]))).toBeNull();
});
