/** The routes that show the catalogue: channels, items, records, search. */
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import {
  type ChannelsView,
  type ChannelView,
  channelsView,
  channelView as channelViewShape,
  type ItemsView,
  type ItemView,
  itemsView,
  itemView as itemViewShape,
  type RecordsView,
  recordsView,
  type SearchView,
  searchView,
} from '../../protocol/api.ts';
import { channelId } from '../../protocol/channel-id.ts';
import { itemId } from '../../protocol/item-id.ts';
import type { ChannelRecord, ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { HeliographError } from '../errors.ts';
import { type Page, pageOf, pageQuery } from './paging.ts';
import { readRequest } from './read-request.ts';
import type { RenditionsAtHand } from './renditions-at-hand.ts';
import { holdsWords, wordsOf } from './search.ts';
import { channelView, itemView } from './views.ts';

const MAX_FOUND = 50;

const searchQuery = z.object({ q: z.string().trim().min(1).max(200).describe('Words') });
const recordsQuery = z.object({
  item: z.string().max(64).optional().describe('Only the channel’s own record and this item’s'),
});

export type GatewayCatalogue = Pick<
  Catalogue,
  'channels' | 'channel' | 'flagged' | 'items' | 'item' | 'mirrors' | 'records' | 'on' | 'counts' | 'refused'
>;

export interface CatalogueRoutesOptions {
  catalogue: GatewayCatalogue;
  renditionsAtHand: RenditionsAtHand;
  /** The item's renditions, from the network when they must. Null when they are not to be had in time. */
  renditionsOf(item: Verified<ItemRecord>): Promise<ItemView['renditions']>;
}

type WithId = { Params: { id: string } };

export function addCatalogueRoutes(app: FastifyInstance, options: CatalogueRoutesOptions): void {
  const { catalogue, renditionsAtHand } = options;
  const show = (channel: Verified<ChannelRecord>) => channelView(channel, catalogue);

  async function showItems(items: readonly Verified<ItemRecord>[]): Promise<ItemView[]> {
    return Promise.all(
      items.map(async (item) => itemView(item, await renditionsAtHand(item.record.manifest))),
    );
  }

  app.route({
    method: 'GET',
    url: '/api/v1/channels',
    config: { doc: { summary: 'Channels known here', query: pageQuery, answer: channelsView } },
    handler: async (request): Promise<ChannelsView> => {
      const page = pageOf(catalogue.channels(), idOfChannel, readRequest(pageQuery, request.query));
      return { channels: page.entries.map(show), next: page.next };
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/api/v1/channels/:id',
    config: { doc: { summary: 'One channel', params: channelParam, answer: channelViewShape } },
    handler: async (request): Promise<ChannelView> => show(knownChannel(catalogue, request.params.id)),
  });

  app.route<WithId>({
    method: 'GET',
    url: '/api/v1/channels/:id/items',
    config: {
      doc: { summary: 'A channel’s items', params: channelParam, query: pageQuery, answer: itemsView },
    },
    handler: async (request): Promise<ItemsView> => {
      const { id } = request.params;
      knownChannel(catalogue, id);
      const query = readRequest(pageQuery, request.query);
      const page: Page<Verified<ItemRecord>> = pageOf(catalogue.items(id), idOfItem, query);
      return { items: await showItems(page.entries), next: page.next };
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/api/v1/items/:id',
    config: {
      doc: { summary: 'One item', params: { id: 'Item id' }, answer: itemViewShape },
    },
    handler: async (request): Promise<ItemView> => {
      const item = knownItem(catalogue, request.params.id);
      return itemView(item, await options.renditionsOf(item));
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/api/v1/records/:id',
    config: {
      doc: {
        summary: 'The signed records of a channel, for clients that verify',
        params: channelParam,
        query: recordsQuery,
        answer: recordsView,
      },
    },
    handler: async (request): Promise<RecordsView> => {
      const { id } = request.params;
      const channel = knownChannel(catalogue, id);
      const { item } = readRequest(recordsQuery, request.query);
      const records =
        item === undefined ? catalogue.records(id) : [channel.bytes, knownItem(catalogue, item, id).bytes];
      return { channel: id, records: records.map((bytes) => Buffer.from(bytes).toString('base64')) };
    },
  });

  app.route({
    method: 'GET',
    url: '/api/v1/search',
    config: { doc: { summary: 'Channels and items by words', query: searchQuery, answer: searchView } },
    handler: async (request): Promise<SearchView> => {
      const words = wordsOf(readRequest(searchQuery, request.query).q);
      const channels: Verified<ChannelRecord>[] = [];
      const items: Verified<ItemRecord>[] = [];
      for (const channel of catalogue.channels()) {
        if (channels.length < MAX_FOUND && holdsWords(channel, words)) channels.push(channel);
        if (items.length >= MAX_FOUND) continue;
        for (const item of catalogue.items(idOfChannel(channel))) {
          if (items.length < MAX_FOUND && holdsWords(item, words)) items.push(item);
        }
      }
      return { channels: channels.map(show), items: await showItems(items) };
    },
  });
}

const channelParam = { id: 'Channel id' };

function knownChannel(catalogue: GatewayCatalogue, id: string): Verified<ChannelRecord> {
  const channel = catalogue.channel(id);
  if (channel === undefined)
    throw new HeliographError('not-found', `no channel ${id.slice(0, 80)} is known here`);
  return channel;
}

/** The item, of this channel when one is named; throws `not-found`. */
export function knownItem(
  catalogue: Pick<GatewayCatalogue, 'item'>,
  id: string,
  channel?: string,
): Verified<ItemRecord> {
  const item = catalogue.item(id);
  if (item === undefined || (channel !== undefined && idOfChannel(item) !== channel)) {
    throw new HeliographError('not-found', `no item ${id.slice(0, 80)} is known here`);
  }
  return item;
}

function idOfChannel({ record }: Verified<ChannelRecord> | Verified<ItemRecord>): string {
  return channelId(record.channel);
}

function idOfItem({ record }: Verified<ItemRecord>): string {
  return itemId(record.channel, record.nonce);
}
