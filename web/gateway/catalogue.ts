/** The gateway's catalogue of what it carries, as JSON: good enough for shelves; what plays is verified from signed records. */
import type { ChannelView, ItemView, SearchView } from '../../protocol/api.ts';
import { WebError } from '../errors.ts';
import { fetchBytes } from './fetch-bytes.ts';

const MAX_JSON_BYTES = 16 * 1024 * 1024;
const SILENCE_MS = 8_000;
/** Shelves that a front page looks into; more channels than this are named but not opened. */
const SHELVES = 60;
const AT_ONCE = 6;
/** Entries asked for at once, and how often at most. */
const PAGE = 500;
const MOST_PAGES = 10;

/** The channels this gateway knows, by name. */
export async function listChannels(signal?: AbortSignal): Promise<ChannelView[]> {
  const channels = await getList<ChannelView>('/api/v1/channels', 'channels', signal);
  return channels.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** A channel's items, newest first. */
export async function listItems(channel: string, signal?: AbortSignal): Promise<ItemView[]> {
  const items = await getList<ItemView>(
    `/api/v1/channels/${encodeURIComponent(channel)}/items`,
    'items',
    signal,
  );
  return items.toSorted((a, b) => b.published.localeCompare(a.published));
}

export interface Found {
  channels: ChannelView[];
  items: ItemView[];
  /** Channel names by id, those of found items included. */
  names: Map<string, string>;
}

export interface Shelves {
  channels: ChannelView[];
  /** Items of all channels looked into, newest first. */
  items: ItemView[];
}

/** Everything a front page or a search needs; a channel whose items do not come simply adds none. */
export async function readShelves(signal?: AbortSignal): Promise<Shelves> {
  const channels = await listChannels(signal);
  const waiting = channels.filter((channel) => channel.items > 0).slice(0, SHELVES);
  const items: ItemView[] = [];
  const work = async () => {
    for (let channel = waiting.shift(); channel; channel = waiting.shift()) {
      items.push(...(await listItems(channel.id, signal).catch(() => [])));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { channels, items: items.sort((a, b) => b.published.localeCompare(a.published)) };
}

/** Channels and items with all these words, and the channels of those items. */
export async function searchShelves(words: string, signal?: AbortSignal): Promise<Found> {
  const body = await getJson(`/api/v1/search?q=${encodeURIComponent(words)}`, signal);
  const { channels, items } = body as Partial<SearchView>;
  if (!Array.isArray(channels) || !Array.isArray(items))
    throw new WebError('not-valid', 'the search gave no lists');
  const names = new Map(channels.map((channel) => [channel.id, channel.name]));
  for (const id of new Set(items.map((item) => item.channel))) {
    if (names.has(id)) continue;
    const channel = (await getJson(`/api/v1/channels/${id}`, signal).catch(() => null)) as ChannelView | null;
    names.set(id, channel?.name ?? '');
  }
  return { channels, items, names };
}

/** A paged list, read to its end or to where nobody scrolls any more. */
async function getList<T>(path: string, name: string, signal?: AbortSignal): Promise<T[]> {
  const entries: T[] = [];
  let cursor = '';
  for (let page = 0; page < MOST_PAGES; page++) {
    const body = (await getJson(`${path}?limit=${PAGE}${cursor}`, signal)) as Record<string, unknown> | null;
    const list = body?.[name];
    if (!Array.isArray(list)) throw new WebError('not-valid', `${path} gave no list`);
    entries.push(...(list as T[]));
    if (typeof body?.next !== 'string') break;
    cursor = `&cursor=${encodeURIComponent(body.next)}`;
  }
  return entries;
}

/** The JSON at a path of a gateway. */
export async function getJson(url: string, signal?: AbortSignal): Promise<unknown> {
  const bytes = await fetchBytes(url, { maxBytes: MAX_JSON_BYTES, silenceMs: SILENCE_MS, signal });
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new WebError('not-valid', `${url} gave no JSON`, { cause: error });
  }
}
