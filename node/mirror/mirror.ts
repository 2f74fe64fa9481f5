/** The loop that mirrors followed channels: plans by budget, fetches, pins, lets go, and says what it holds. */
import { CID } from 'multiformats/cid';
import type { FollowRequest, FollowView } from '../../protocol/api.ts';
import { channelKey } from '../../protocol/channel-id.ts';
import { itemId } from '../../protocol/item-id.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Manifests } from '../catalogue/manifests.ts';
import type { Config } from '../config.ts';
import type { Content } from '../content/content.ts';
import type { Release } from '../content/release.ts';
import { asHeliographError, HeliographError } from '../errors.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import { fetchItem, type ItemFiles, listItemFiles } from './fetch-item.ts';
import { createFollowBoard } from './follow-board.ts';
import type { Follow, FollowStore, Held } from './follow-store.ts';
import { checkLibrary } from './library-check.ts';
import { ownAddresses } from './own-addresses.ts';
import { type Candidate, planMirror } from './policy.ts';
import { createWakefulLoop } from './wakeful-loop.ts';

/** Longest wait for one file, and for an item's manifest and lists, in milliseconds. */
const FILE_TIMEOUT_MS = 60_000;
/** What failed is tried again after this long, or as soon as the catalogue tells of something new. */
const RETRY_MS = 15_000;

export interface Mirror extends Service {
  follow(request: FollowRequest): Promise<FollowView>;
  unfollow(channel: string): Promise<void>;
  follows(): FollowView[];
  /** Items held whole for this channel. */
  itemsHeld(channel: string): number;
  /** The pinned roots of what is mirrored: manifests and library indexes. */
  roots(): Iterable<string>;
  on(listener: (follow: FollowView) => void): () => void;
}

export function createMirror(options: {
  store: FollowStore;
  catalogue: Catalogue;
  manifests: Manifests;
  content: Content;
  release: Release;
  settings: Config['mirror'];
  log: Log;
}): Mirror {
  const { store, catalogue, manifests, content, release } = options;
  const log = scoped(options.log, 'node/mirror/mirror');
  const follows = new Map<string, Follow>();
  const held = new Map<string, Held>();
  const sizes = new Map<string, number>();
  /** The library index last read of each channel. */
  const libraries = new Map<string, CID>();

  const mirrored = () =>
    [...follows.values()].filter(({ channel, mirror }) => mirror && !catalogue.flagged(channel));

  const heldOf = (channel: string) => [...held.values()].filter((entry) => entry.channel === channel);
  /** The item being fetched, pinned before it is held. */
  let coming: string | undefined;
  const board = createFollowBoard({
    follow: (channel) => follows.get(channel),
    held: heldOf,
    channelName: (channel) => catalogue.channel(channel)?.record.name ?? null,
    items: (channel) => catalogue.items(channel).length,
    flagged: catalogue.flagged,
  });

  const loop = createWakefulLoop({ pass, retryMs: RETRY_MS, log });

  /** One look at everything followed; true when something failed and should be tried again. */
  async function pass(signal: AbortSignal): Promise<boolean> {
    await letGo();
    let failed = false;
    const channels = mirrored().filter(({ channel }) => catalogue.channel(channel) !== undefined);
    for (const { channel } of channels) failed = !(await readLibrary(channel, signal)) || failed;
    const tried = new Set<string>();
    for (;;) {
      const plan = planMirror(channels.flatMap(candidates), {
        total: options.settings.budgetMb * 2 ** 20,
        perChannel: new Map(channels.map(({ channel, budget }) => [channel, budget])),
      });
      for (const { channel, item } of plan.skip) if (held.get(item)) await drop(channel, item);
      const next = plan.hold.find(({ item }) => !isHeld(item) && !tried.has(item));
      if (next === undefined || signal.aborted || loop.prodded()) {
        settle(channels, plan.skip, tried);
        return failed;
      }
      if (next.bytes === undefined) {
        const learned = await attempt(next, signal, learnSize);
        if (!learned) tried.add(next.item);
        failed = !learned || failed;
      } else {
        tried.add(next.item);
        failed = !(await attempt(next, signal, fetchWhole)) || failed;
      }
    }
  }

  /** Learns of items that nobody told us of, once for each library index; false when that failed. */
  async function readLibrary(channel: string, signal: AbortSignal): Promise<boolean> {
    const library = catalogue.channel(channel)?.record.library;
    if (!library || libraries.get(channel)?.equals(library)) return true;
    try {
      await checkLibrary(library, {
        catalogue,
        content,
        providers: providersOf(channel),
        signal: AbortSignal.any([signal, AbortSignal.timeout(FILE_TIMEOUT_MS)]),
      });
      const before = libraries.get(channel);
      libraries.set(channel, library);
      if (before) await release(before);
      return true;
    } catch (error) {
      const { code, message } = asHeliographError(error);
      if (!signal.aborted) log.warn({ channel, code, message }, 'a library index could not be read');
      return false;
    }
  }

  const providersOf = (channel: string) => catalogue.mirrors(channel).flatMap(ownAddresses);

  function candidates({ channel }: Follow): Candidate[] {
    return catalogue.items(channel).map((item) => {
      const id = idOf(item);
      return { channel, item: id, at: item.record.at, bytes: sizes.get(manifestOf(item)) };
    });
  }

  /** Does one thing for an item that may fail for want of a peer or of room; false when it did. */
  async function attempt(
    { channel, item: id }: Candidate,
    signal: AbortSignal,
    work: (channel: string, item: Verified<ItemRecord>, signal: AbortSignal) => Promise<void>,
  ): Promise<boolean> {
    const item = catalogue.item(id);
    if (item === undefined) return true;
    board.report(channel, { state: 'fetching' });
    try {
      await work(channel, item, signal);
      board.report(channel, { error: null });
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const { code, message } = asHeliographError(error);
      log.warn({ channel, item: id, code, message }, 'an item could not be mirrored; it is tried again');
      board.report(channel, { state: code === 'disk-full' ? 'full' : 'failing', error: message });
      return false;
    } finally {
      board.settled(channel);
    }
  }

  const learnSize = async (
    _channel: string,
    item: Verified<ItemRecord>,
    signal: AbortSignal,
  ): Promise<void> => {
    await listFiles(item, signal);
  };

  async function fetchWhole(channel: string, item: Verified<ItemRecord>, signal: AbortSignal): Promise<void> {
    const { manifest } = item.record;
    if (manifest === null) return;
    const files = await listFiles(item, signal);
    await content.makeRoom(files.bytes, { signal });
    coming = manifest.toString();
    await fetchItem(manifest, files, {
      content,
      parallel: options.settings.parallel,
      providers: providersOf(channel),
      fileTimeout: FILE_TIMEOUT_MS,
      signal,
      onFile: ({ size }) => board.came(channel, size),
    });
    const entry = { channel, item: idOf(item), manifest: manifestOf(item), bytes: files.bytes };
    await store.saveHeld(entry);
    held.set(entry.item, entry);
    coming = undefined;
  }

  async function listFiles(item: Verified<ItemRecord>, signal: AbortSignal): Promise<ItemFiles> {
    const files = await listItemFiles(
      item,
      manifests,
      AbortSignal.any([signal, AbortSignal.timeout(FILE_TIMEOUT_MS)]),
    );
    sizes.set(manifestOf(item), files.bytes);
    return files;
  }

  function settle(channels: Follow[], skipped: Candidate[], tried: ReadonlySet<string>): void {
    for (const { channel } of channels) {
      if (skipped.some((candidate) => candidate.channel === channel)) {
        board.report(channel, {
          state: 'full',
          error: 'the budget does not hold every item; the newest are kept',
        });
      } else if (catalogue.items(channel).every((item) => isHeld(idOf(item)))) {
        board.report(channel, { state: 'complete', error: null });
      } else if (![...tried].some((id) => catalogue.item(id) && !isHeld(id))) {
        board.report(channel, { state: 'waiting' });
      }
    }
  }

  /** Whether the item's present manifest is held; an edited item may have another. */
  function isHeld(id: string): boolean {
    const item = catalogue.item(id);
    return item !== undefined && held.get(id)?.manifest === manifestOf(item);
  }

  /** Lets go of what is deleted, superseded or no longer mirrored. */
  async function letGo(): Promise<void> {
    const channels = new Set(mirrored().map(({ channel }) => channel));
    for (const { channel, item } of [...held.values()]) {
      if (!channels.has(channel) || !isHeld(item)) await drop(channel, item);
    }
  }

  async function drop(channel: string, item: string): Promise<void> {
    const entry = held.get(item);
    if (entry === undefined) return;
    held.delete(item);
    await store.removeHeld(item);
    await release(CID.parse(entry.manifest));
    log.info({ channel, item }, 'let go of an item');
  }

  let unsubscribe = () => {};

  return {
    name: 'mirror',

    async start() {
      for (const follow of await store.follows()) follows.set(follow.channel, follow);
      for (const entry of await store.held()) {
        held.set(entry.item, entry);
        sizes.set(entry.manifest, entry.bytes);
      }
      unsubscribe = catalogue.on((event) => {
        if (follows.has(event.type === 'channel' ? event.id : event.channel)) loop.prod();
      });
      loop.start();
    },

    async stop() {
      unsubscribe();
      await loop.stop();
    },

    async follow({ channel, mirror, budget }) {
      if (channelKey(channel) === null)
        throw new HeliographError('bad-request', `"${channel}" is not a channel id`);
      const follow = { channel, mirror, budget };
      await store.saveFollow(follow);
      follows.set(channel, follow);
      board.forget(channel);
      loop.prod();
      return board.view(follow);
    },

    async unfollow(channel) {
      if (!follows.has(channel)) throw new HeliographError('not-found', `channel ${channel} is not followed`);
      await store.removeFollow(channel);
      follows.delete(channel);
      board.forget(channel);
      loop.prod();
    },

    follows: () => [...follows.values()].map(board.view),
    itemsHeld: (channel) => heldOf(channel).length,
    *roots() {
      for (const { manifest } of held.values()) yield manifest;
      for (const library of libraries.values()) yield library.toString();
      for (const { channel } of mirrored()) yield String(catalogue.channel(channel)?.record.library);
      if (coming) yield coming;
    },

    on: board.on,
  };
}

function idOf({ record }: Verified<ItemRecord>): string {
  return itemId(record.channel, record.nonce);
}

function manifestOf({ record }: Verified<ItemRecord>): string {
  return record.manifest?.toString() ?? '';
}
