/** Reads a list of the API to its end, page by page. */
import type * as z from 'zod';
import { type ChannelView, channelsView } from '../../protocol/api.ts';
import { HeliographError } from '../errors.ts';
import type { StudioClient } from './studio-client.ts';

/** The most entries that the API puts on one page. */
const PAGE = 500;

/** Every entry of the list at `path`; `entriesOf` takes them out of a page. */
export async function askPages<P extends { next: string | null }, T>(
  studio: StudioClient,
  path: string,
  shape: z.ZodType<P>,
  entriesOf: (page: P) => T[],
): Promise<T[]> {
  const found: T[] = [];
  const seen = new Set<string>();
  let query = `?limit=${PAGE}`;
  for (;;) {
    const page = await studio.ask('GET', path + query, shape);
    found.push(...entriesOf(page));
    if (page.next === null) return found;
    if (seen.has(page.next)) {
      throw new HeliographError('internal', `the node's answer to GET ${path} goes in a circle`);
    }
    seen.add(page.next);
    query = `?limit=${PAGE}&cursor=${encodeURIComponent(page.next)}`;
  }
}

/** This node's own channels, or every one that it has heard of. */
export function askChannels(studio: StudioClient, which: 'own' | 'all'): Promise<ChannelView[]> {
  const path = which === 'own' ? '/control/v1/channels' : '/api/v1/channels';
  return askPages(studio, path, channelsView, ({ channels }) => channels);
}
