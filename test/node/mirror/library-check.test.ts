import { Level } from 'level';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../../node/catalogue/catalogue.ts';
import { checkLibrary } from '../../../node/mirror/library-check.ts';
import { itemId } from '../../../protocol/item-id.ts';
import { encodeLibrary, encodeLibraryPages, type LibraryEntry } from '../../../protocol/library.ts';
import { signRecord } from '../../../protocol/verified.ts';
import {
  channelRecord,
  itemRecord,
  NOW,
  rootKey,
  rootSecret,
  strangerSecret,
} from '../../protocol/sample-records.ts';
import { atEnd, openContent, quiet, tempDir } from '../content/open-content.ts';

const nonce = (n: number) => new Uint8Array(16).fill(n);

async function openCatalogue() {
  const db = new Level<string, unknown>(await tempDir(), { valueEncoding: 'json' });
  const catalogue = createCatalogue({ db, log: quiet, now: () => NOW });
  await catalogue.start();
  atEnd(async () => {
    await catalogue.stop();
    await db.close();
  });
  return catalogue;
}

it('takes in listed items that nobody told of, and nothing that its publisher did not sign', async () => {
  const { content } = await openContent();
  const catalogue = await openCatalogue();
  await catalogue.accept(signRecord(channelRecord(), rootSecret), { from: 'a test' });
  await catalogue.accept(signRecord(itemRecord({ nonce: nonce(1) }), rootSecret), { from: 'a test' });
  const entries: LibraryEntry[] = [];
  for (const [n, secret] of [
    [1, rootSecret],
    [2, rootSecret],
    [3, strangerSecret],
  ] as const) {
    const cid = await content.addBlock(signRecord(itemRecord({ nonce: nonce(n) }), secret));
    entries.push([itemId(rootKey, nonce(n)), cid]);
  }
  const pages = [];
  for (const page of encodeLibraryPages(entries)) pages.push(await content.addBlock(page));
  const library = await content.addBlock(encodeLibrary(pages));

  const options = { catalogue, content, providers: [], signal: AbortSignal.timeout(5000) };
  expect(await checkLibrary(library, options)).toEqual({ added: 1 });
  expect(catalogue.item(itemId(rootKey, nonce(2)))?.record.title).toBe('Big Buck Bunny');
  expect(catalogue.item(itemId(rootKey, nonce(3)))).toBeUndefined();
  expect(await content.isPinned(library)).toBe(true);
});

it('refuses a block that is no library', async () => {
  const { content } = await openContent();
  const options = {
    catalogue: await openCatalogue(),
    content,
    providers: [],
    signal: AbortSignal.timeout(5000),
  };
  const block = await content.addBlock(signRecord(channelRecord(), rootSecret));
  await expect(checkLibrary(block, options)).rejects.toMatchObject({ code: 'bad-block' });
});
