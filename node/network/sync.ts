/** Keeps catalogues equal: both sides of a new connection pull what the other has beyond, and again every few minutes. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, PeerId, Stream } from '@libp2p/interface';
import { SYNC_PROTOCOL } from '../../protocol/constants.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import { backoff } from './backoff.ts';
import type { HostLibp2p } from './host-libp2p.ts';
import { createPullQueue } from './pull-queue.ts';
import { createQuota } from './quota.ts';
import { pullRecords, SyncViolation } from './sync-pull.ts';
import { type RecordSource, serveRecords } from './sync-serve.ts';
import { openSyncStream, type SyncStream } from './sync-stream.ts';

export interface Sync extends Service {
  /** Pulls from one connected peer (its id as text), or from all; resolves when done, also when a peer failed. */
  syncNow(peer?: string): Promise<void>;
}

/** In milliseconds. */
export interface SyncTiming {
  /** Between rounds in which every peer is asked. */
  readonly interval: number;
  /** The longest that one exchange may take as a whole. */
  readonly exchange: number;
  /** The longest wait for one frame. */
  readonly frame: number;
}

const TIMING: SyncTiming = { interval: 3 * 60_000, exchange: 10 * 60_000, frame: 30_000 };
const OPEN_MS = 10_000;
const PULLS_AT_A_TIME = 4;
/** Further tries after a failed pull, seconds apart. */
const RETRIES = 3;
/** Exchanges served at one time, and to one peer within a minute. */
const SERVED_AT_A_TIME = 8;
const SERVED_PER_MINUTE = 10;

/**
 * Start it after the host. `accept` gets every record pulled, a few at a time but a channel's before its items;
 * when it answers 'reject' twice for one peer (see `createGossip`), that exchange ends and the peer is shunned.
 */
export function createSync(options: {
  libp2p: HostLibp2p;
  source: RecordSource;
  accept: (record: Uint8Array, from: string) => Promise<unknown>;
  log: Log;
  timing?: Partial<SyncTiming>;
}): Sync {
  const { libp2p, source, accept } = options;
  const timing = { ...TIMING, ...options.timing };
  const { standing } = libp2p.services;
  const log = scoped(options.log, 'node/network/sync');
  const speakers = new Map<string, PeerId>();
  const served = createQuota({ perKey: SERVED_PER_MINUTE, windowMs: 60_000, now: Date.now });
  const failures = new Map<string, number>();
  const serving = new Map<string, Promise<void>>();
  const pulls = createPullQueue(PULLS_AT_A_TIME, pull);
  let ending = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let topology: string | undefined;

  async function pull(peer: string): Promise<void> {
    const id = speakers.get(peer);
    if (id === undefined || ending.signal.aborted || standing.shunned(peer)) return;
    let stream: SyncStream | undefined;
    try {
      stream = await open(id);
      const started = performance.now();
      const records = await pullRecords(stream, source, (record) => take(record, peer));
      await stream.close();
      failures.delete(peer);
      log.debug({ peer, records, ms: Math.round(performance.now() - started) }, 'catalogue pulled');
    } catch (error) {
      stream?.abort(error as Error);
      log.info({ peer, err: error }, 'pulling the catalogue failed');
      // One that breaks the rules is asked again only when it reconnects.
      if (error instanceof SyncViolation) speakers.delete(peer);
      else void retry(peer, ending.signal);
    }
  }

  /** A peer may only be busy; after a few failures it has time until the next round. */
  async function retry(peer: string, signal: AbortSignal): Promise<void> {
    const count = (failures.get(peer) ?? 0) + 1;
    failures.set(peer, count);
    if (count > RETRIES) return void failures.delete(peer);
    try {
      await delay(backoff(count, Math.random()), undefined, { signal });
      await pulls.request(peer);
    } catch {
      // The node is stopping.
    }
  }

  async function open(id: PeerId): Promise<SyncStream> {
    const signal = exchangeSignal();
    const raw = await libp2p.dialProtocol(id, SYNC_PROTOCOL, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]),
    });
    return openSyncStream(raw, timing.frame, signal);
  }

  function exchangeSignal(): AbortSignal {
    return AbortSignal.any([ending.signal, AbortSignal.timeout(timing.exchange)]);
  }

  async function take(record: Uint8Array, from: string): Promise<boolean> {
    ending.signal.throwIfAborted();
    if ((await accept(record, from)) === 'reject') standing.strike(from);
    return !standing.shunned(from);
  }

  function answer(raw: Stream, connection: Connection): void {
    const peer = connection.remotePeer.toString();
    const refused = serving.has(peer) || serving.size >= SERVED_AT_A_TIME || !served.take(peer);
    if (refused || ending.signal.aborted) {
      raw.abort(new Error('too many exchanges'));
      return;
    }
    serving.set(
      peer,
      serve(raw, peer).finally(() => serving.delete(peer)),
    );
  }

  async function serve(raw: Stream, peer: string): Promise<void> {
    const stream = openSyncStream(raw, timing.frame, exchangeSignal());
    try {
      const records = await serveRecords(stream, source);
      await stream.close();
      log.debug({ peer, records }, 'catalogue served');
    } catch (error) {
      stream.abort(error as Error);
      log.debug({ peer, err: error }, 'serving the catalogue failed');
    }
  }

  function syncNow(peer?: string): Promise<void> {
    const wanted = peer === undefined ? [...speakers.keys()] : [peer];
    return Promise.all(wanted.map((one) => pulls.request(one))).then(() => {});
  }

  return {
    name: 'catalogue sync',
    syncNow,
    async start() {
      ending = new AbortController();
      await libp2p.handle(SYNC_PROTOCOL, answer, { maxInboundStreams: 2, maxOutboundStreams: 2 });
      topology = await libp2p.register(SYNC_PROTOCOL, {
        onConnect(id) {
          const peer = id.toString();
          if (speakers.has(peer)) return;
          speakers.set(peer, id);
          void pulls.request(peer);
        },
        onDisconnect: (id) => {
          speakers.delete(id.toString());
          failures.delete(id.toString());
        },
      });
      timer = setInterval(() => void syncNow(), timing.interval);
    },
    async stop() {
      ending.abort(new Error('the node is stopping'));
      clearInterval(timer);
      if (topology !== undefined) libp2p.unregister(topology);
      topology = undefined;
      await libp2p.unhandle(SYNC_PROTOCOL);
      speakers.clear();
      failures.clear();
      await pulls.drain();
      await Promise.all(serving.values());
    },
  };
}
