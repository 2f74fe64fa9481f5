/** Says over the network which channels this node can serve, as mirror records refreshed before they run out. */
import { setInterval } from 'node:timers';
import { channelKey } from '../../protocol/channel-id.ts';
import type { MirrorRecord } from '../../protocol/records.ts';
import { signRecord } from '../../protocol/verified.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';

/** How long a mirror record lives, and how often it is said again, in milliseconds. */
const LIFE_MS = 10 * 60_000;
const REFRESH_MS = 4 * 60_000;

/** What the node can say of itself at this moment. */
export interface Reach {
  http: string[];
  trackers: string[];
  addresses: string[];
  /** Bytes it has room for. */
  room: number;
}

export interface Herald extends Service {
  /** Says it again now, because what is held or how the node is reached has changed. */
  refresh(): Promise<void>;
}

export function createHerald(options: {
  secret: Uint8Array;
  nodeKey: Uint8Array;
  /** Channels this node can serve, with the number of items it holds whole. */
  holdings: () => Promise<ReadonlyMap<string, number>>;
  reach: () => Promise<Reach>;
  announce: (signed: Uint8Array) => Promise<void>;
  log: Log;
  now?: () => number;
}): Herald {
  const log = scoped(options.log, 'node/mirror/herald');
  const now = options.now ?? Date.now;
  let timer: NodeJS.Timeout | undefined;
  let last = 0;
  let turn: Promise<void> = Promise.resolve();

  async function say(): Promise<void> {
    const { http, trackers, addresses, room } = await options.reach();
    last = Math.max(now(), last + 1);
    for (const [channel, items] of await options.holdings()) {
      const key = channelKey(channel);
      if (key === null || items === 0) continue;
      const record: MirrorRecord = {
        type: 'mirror',
        v: 1,
        channel: key,
        node: options.nodeKey,
        seq: last,
        at: last,
        until: last + LIFE_MS,
        http: http.slice(0, 8),
        trackers: trackers.slice(0, 8),
        addresses: addresses.slice(0, 16),
        items,
        room: Math.max(0, Math.floor(room)),
      };
      await options.announce(signRecord(record, options.secret));
    }
  }

  const refresh = () => {
    turn = turn.then(say).catch((error) => log.warn({ error }, 'this node could not say what it mirrors'));
    return turn;
  };

  return {
    name: 'herald',
    refresh,
    async start() {
      timer = setInterval(refresh, REFRESH_MS);
      await refresh();
    },
    async stop() {
      clearInterval(timer);
      await turn;
    },
  };
}
