/** Holds a channel's catalogue against its signed library index, so that no item can be kept from a mirror unnoticed. */
import type { CID } from 'multiformats/cid';
import { decodeLibrary, decodeLibraryPage } from '../../protocol/library.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Content } from '../content/content.ts';
import { HeliographError } from '../errors.ts';

/** Bytes of an index, its pages and records that one pin may still fetch. */
const MOST_INDEX_BYTES = 64 * 1024 * 1024;

/** Fetches the records of listed items that the catalogue lacks, takes them in, and pins the index for others. */
export async function checkLibrary(
  library: CID,
  options: {
    catalogue: Pick<Catalogue, 'accept' | 'item'>;
    content: Pick<Content, 'getBlock' | 'pin'>;
    /** Multiaddrs of nodes that say they hold the channel. */
    providers: readonly string[];
    signal: AbortSignal;
  },
): Promise<{ added: number }> {
  const { catalogue, content, signal } = options;
  const fetch = options.providers.length > 0 ? options.providers : true;
  const index = decodeLibrary(await content.getBlock(library, { signal, fetch }));
  if (index === null) throw new HeliographError('bad-block', `${library} is not a library index`);
  let added = 0;
  for (const pageCid of index.pages) {
    const page = decodeLibraryPage(await content.getBlock(pageCid, { signal, fetch }));
    if (page === null) throw new HeliographError('bad-block', `${pageCid} is not a page of a library index`);
    for (const [id, record] of page.items) {
      if (catalogue.item(id) !== undefined) continue;
      const bytes = await content.getBlock(record, { signal, fetch });
      const { outcome } = await catalogue.accept(bytes, { from: 'a library index' });
      if (outcome === 'kept') added += 1;
    }
  }
  await content.pin(library, { signal, fetch, limit: MOST_INDEX_BYTES });
  return { added };
}
