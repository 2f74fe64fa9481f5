/** What this node follows, and which items it holds whole for others, on disk. */
import type { Level } from 'level';

export interface Follow {
  channel: string;
  mirror: boolean;
  /** Bytes; null: only the node-wide budget. */
  budget: number | null;
}

export interface Held {
  channel: string;
  item: string;
  /** CID of the manifest that is pinned. */
  manifest: string;
  bytes: number;
}

export interface FollowStore {
  follows(): Promise<Follow[]>;
  saveFollow(follow: Follow): Promise<void>;
  removeFollow(channel: string): Promise<void>;
  held(): Promise<Held[]>;
  saveHeld(held: Held): Promise<void>;
  removeHeld(item: string): Promise<void>;
}

export function createFollowStore(db: Level<string, unknown>): FollowStore {
  const follows = db.sublevel<string, Follow>('follows', { valueEncoding: 'json' });
  const held = db.sublevel<string, Held>('held', { valueEncoding: 'json' });
  const sync = { sync: true };
  return {
    follows: () => follows.values().all(),
    saveFollow: (value) =>
      db.batch<string, Follow>([{ type: 'put', sublevel: follows, key: value.channel, value }], sync),
    removeFollow: (channel) => follows.del(channel),
    held: () => held.values().all(),
    saveHeld: (value) =>
      db.batch<string, Held>([{ type: 'put', sublevel: held, key: value.item, value }], sync),
    removeHeld: (item) => held.del(item),
  };
}
