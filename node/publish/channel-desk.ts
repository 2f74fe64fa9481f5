/** A publisher's own channels: made, edited, deleted, moved to another node; each change is a signed record. */
import { CID } from 'multiformats/cid';
import type { ChannelCreate, ChannelEdit } from '../../protocol/api.ts';
import { channelKey } from '../../protocol/channel-id.ts';
import { TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import type { ChannelRecord } from '../../protocol/records.ts';
import { signRecord } from '../../protocol/verified.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { HeliographError } from '../errors.ts';
import type { Keystore } from '../network/keystore.ts';
import { createTurns } from './turns.ts';

/** Takes a record of this node's own in by the catalogue's door and tells the network. */
export type Announce = (signed: Uint8Array) => Promise<void>;

export interface ChannelDesk {
  /** Ids of the channels whose root key this node has. */
  own(): string[];
  /** The id of the new channel. */
  create(request: ChannelCreate): Promise<string>;
  edit(id: string, changes: ChannelEdit): Promise<void>;
  /** Announces a tombstone; the key is kept, for the tombstone may have to be said again. */
  remove(id: string): Promise<void>;
  /** Points the channel at a new library index. */
  setLibrary(id: string, library: CID): Promise<void>;
  /** The secret key in base64: whoever has it is the channel. */
  exportKey(id: string): string;
  /** The id of the channel whose secret key this is; its records come from the network. */
  importKey(key: string): Promise<string>;
  /** The secret key of an own channel; throws `forbidden` for a channel of somebody else. */
  secret(id: string): Uint8Array;
}

export function createChannelDesk(options: {
  keystore: Keystore;
  catalogue: Pick<Catalogue, 'channel'>;
  announce: Announce;
  now?: () => number;
}): ChannelDesk {
  const { keystore, catalogue, announce } = options;
  const now = options.now ?? Date.now;

  function secret(id: string): Uint8Array {
    const key = keystore.secret(id);
    if (key === null) {
      throw new HeliographError('forbidden', `channel ${id} is not one of this node: its key is not here`);
    }
    return key;
  }

  function current(id: string): { record: ChannelRecord; cid: CID } {
    const held = catalogue.channel(id);
    if (held === undefined) {
      throw new HeliographError('not-found', `channel ${id} is not known here, or was deleted`);
    }
    return held;
  }

  const turns = createTurns();

  /** Two changes at once would both follow the same record, and two records with one seq say that a key was stolen. */
  const supersede = (id: string, changes: Partial<ChannelRecord>): Promise<void> =>
    turns(id, () => announceNext(id, changes));

  async function announceNext(id: string, changes: Partial<ChannelRecord>): Promise<void> {
    const key = secret(id);
    const { record, cid } = current(id);
    const next: ChannelRecord = {
      ...record,
      seq: record.seq + 1,
      at: Math.max(now(), record.at),
      previous: CID.asCID(cid),
      ...changes,
    };
    await announce(signRecord(next, key));
  }

  return {
    own: () => keystore.channels(),
    secret,

    async create(request) {
      const { id, secret: key } = await keystore.create();
      const root = channelKey(id);
      if (root === null)
        throw new HeliographError('internal', `the keystore made a channel with a wrong id: ${id}`);
      const record: ChannelRecord = {
        type: 'channel',
        v: 1,
        channel: root,
        seq: 0,
        at: now(),
        deleted: false,
        previous: null,
        name: request.name,
        description: request.description,
        language: request.language,
        categories: request.categories,
        logo: null,
        library: null,
        schedule: null,
        keys: [],
      };
      try {
        await announce(signRecord(record, key));
      } catch (error) {
        await keystore.remove(id);
        throw error;
      }
      return id;
    },

    edit: (id, changes) => supersede(id, definedOnly(changes)),
    setLibrary: (id, library) => supersede(id, { library }),
    remove: (id) =>
      supersede(id, {
        seq: TOMBSTONE_SEQ,
        deleted: true,
        name: '',
        description: '',
        logo: null,
        library: null,
        keys: [],
      }),

    exportKey: (id) => Buffer.from(secret(id)).toString('base64'),

    async importKey(text) {
      const key = Buffer.from(text.trim(), 'base64');
      if (key.byteLength !== 32) {
        throw new HeliographError(
          'bad-request',
          'this is not a channel key: 32 bytes in base64 are expected',
        );
      }
      return keystore.importSecret(key);
    },
  };
}

function definedOnly<T extends object>(changes: T): Partial<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;
}
