/** A publisher's items: announced, edited and deleted as signed records, and listed in their channel's library. */
import { randomBytes } from 'node:crypto';
import type { ItemEdit } from '../../protocol/api.ts';
import { channelId, channelKey } from '../../protocol/channel-id.ts';
import { TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import { itemId } from '../../protocol/item-id.ts';
import { encodeLibrary, encodeLibraryPages, type LibraryEntry } from '../../protocol/library.ts';
import type { ItemKind, ItemRecord } from '../../protocol/records.ts';
import { signRecord } from '../../protocol/verified.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Content } from '../content/content.ts';
import type { Release } from '../content/release.ts';
import { HeliographError } from '../errors.ts';
import type { Announce, ChannelDesk } from './channel-desk.ts';
import type { StoredItem } from './store-item.ts';
import { createTurns } from './turns.ts';

/** What a publisher says of an item; what is left out is guessed from the file. */
export type ItemTexts = Required<{ [K in keyof ItemEdit]: Exclude<ItemEdit[K], undefined> }>;

export interface ItemDesk {
  newNonce(): Uint8Array;
  /** The id an item with this nonce has in this channel. */
  idOf(channel: string, nonce: Uint8Array): string;
  /** Signs, keeps and announces a stored item; doing it again changes nothing. Its id is returned. */
  announce(channel: string, nonce: Uint8Array, texts: ItemTexts, stored: StoredItem): Promise<string>;
  edit(id: string, changes: ItemEdit): Promise<void>;
  remove(id: string): Promise<void>;
  /** Deletes every item of a channel, which is about to go itself. */
  removeAll(channel: string): Promise<void>;
  /** The pinned roots of this node's own channels: manifests and library indexes. */
  roots(): Iterable<string>;
}

export function createItemDesk(options: {
  channels: Pick<ChannelDesk, 'own' | 'secret' | 'setLibrary'>;
  catalogue: Pick<Catalogue, 'item' | 'items' | 'channel'>;
  content: Pick<Content, 'addBlock' | 'pin' | 'unpin' | 'hold' | 'sync'>;
  release: Release;
  announce: Announce;
  now?: () => number;
}): ItemDesk {
  const { channels, catalogue, content } = options;
  const turns = createTurns();
  const now = options.now ?? Date.now;
  /** Records stored as blocks in this run; the library in force pins them, so they stay. */
  const storedRecords = new Set<string>();
  /** One library is rebuilt at a time, so that no item is lost between two that end together. */
  async function relist(channel: string): Promise<void> {
    try {
      await turns(channel, () => rebuild(channel));
    } catch (error) {
      storedRecords.clear();
      throw error;
    }
  }

  async function rebuild(channel: string): Promise<void> {
    const entries: LibraryEntry[] = [];
    await content.hold(async () => {
      for (const { record, bytes, cid } of catalogue.items(channel)) {
        if (!storedRecords.has(cid.toString())) await content.addBlock(bytes);
        storedRecords.add(cid.toString());
        entries.push([itemId(record.channel, record.nonce), cid]);
      }
      const pages = [];
      for (const page of encodeLibraryPages(entries)) pages.push(await content.addBlock(page));
      const library = await content.addBlock(encodeLibrary(pages));
      const before = catalogue.channel(channel)?.record.library;
      if (before?.equals(library)) return;
      await content.pin(library);
      await content.sync();
      await channels.setLibrary(channel, library);
      if (before) await content.unpin(before);
    });
  }

  function current(id: string) {
    const held = catalogue.item(id);
    if (held === undefined)
      throw new HeliographError('not-found', `item ${id} is not known here, or was deleted`);
    return held;
  }

  /** Announces the item's next record; the one before it is returned. */
  const supersede = (id: string, changes: Partial<ItemRecord>): Promise<ItemRecord> =>
    turns(id, () => announceNext(id, changes));

  async function announceNext(id: string, changes: Partial<ItemRecord>): Promise<ItemRecord> {
    const { record, cid } = current(id);
    const key = channels.secret(channelId(record.channel));
    const at = Math.max(now(), record.at);
    await options.announce(
      signRecord({ ...record, seq: record.seq + 1, previous: cid, at, ...changes }, key),
    );
    return record;
  }

  async function bury(id: string): Promise<ItemRecord> {
    const before = await supersede(id, {
      seq: TOMBSTONE_SEQ,
      deleted: true,
      manifest: null,
      folder: null,
      poster: null,
      description: '',
    });
    if (before.manifest !== null) await options.release(before.manifest);
    return before;
  }

  return {
    newNonce: () => new Uint8Array(randomBytes(16)),
    idOf: (channel, nonce) => itemId(rootKey(channel), nonce),

    async announce(channel, nonce, texts, stored) {
      const id = itemId(rootKey(channel), nonce);
      if (catalogue.item(id) === undefined) {
        const record: ItemRecord = {
          type: 'item',
          v: 1,
          channel: rootKey(channel),
          seq: 0,
          at: now(),
          deleted: false,
          previous: null,
          nonce,
          ...texts,
          durationMs: stored.durationMs,
          manifest: stored.manifest,
          folder: stored.folder,
          poster: stored.poster,
        };
        await options.announce(signRecord(record, channels.secret(channel)));
      }
      await relist(channel);
      return id;
    },

    async edit(id, changes) {
      const defined = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const { channel } = await supersede(id, defined);
      await relist(channelId(channel));
    },

    async remove(id) {
      const { channel } = await bury(id);
      await relist(channelId(channel));
    },

    async removeAll(channel) {
      for (const { record } of catalogue.items(channel)) await bury(itemId(record.channel, record.nonce));
    },

    *roots() {
      for (const channel of channels.own()) {
        const library = catalogue.channel(channel)?.record.library;
        if (library) yield library.toString();
        for (const { record } of catalogue.items(channel))
          if (record.manifest) yield record.manifest.toString();
      }
    },
  };
}

/** The kind of an item for which the publisher named none. */
export function guessKind(stored: Pick<StoredItem, 'hasVideo'>, series: ItemTexts['series']): ItemKind {
  if (series !== null) return 'episode';
  return stored.hasVideo ? 'film' : 'track';
}

function rootKey(channel: string): Uint8Array {
  const key = channelKey(channel);
  if (key === null) throw new HeliographError('bad-request', `"${channel}" is not a channel id`);
  return key;
}
