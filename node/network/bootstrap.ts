/** Keeps this node connected to the nodes it was told of: dials them at start, and again whenever they are lost. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection, Libp2p } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { backoff } from './backoff.ts';

/** The highest value there is: when connections run out, these are among the last to be closed. */
const TAG = { 'heliograph-bootstrap': { value: 100 } };
const DIAL_MS = 15_000;

/** One loop for each address; the addresses may come without a peer id. */
export function createBootstrap(options: {
  libp2p: Libp2p;
  addresses: readonly string[];
  log: Log;
}): Service {
  const { libp2p, addresses, log } = options;
  let ending = new AbortController();
  let loops: Promise<void>[] = [];

  async function keep(address: string, signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const connection = await libp2p.dial(multiaddr(address), {
          signal: AbortSignal.any([signal, AbortSignal.timeout(DIAL_MS)]),
        });
        await libp2p.peerStore.merge(connection.remotePeer, { tags: TAG });
        log.info({ address }, 'connected to bootstrap node');
        const since = Date.now();
        await lost(connection, signal);
        // A peer that closes at once is not to be dialled in a tight loop.
        failures = Date.now() - since > 30_000 ? 1 : failures + 1;
        if (!signal.aborted) log.info({ address }, 'lost bootstrap node');
      } catch (error) {
        if (signal.aborted || libp2p.status !== 'started') return;
        failures += 1;
        const report = failures === 1 ? log.warn : log.debug;
        report.call(log, { address, failures, err: error }, 'bootstrap node not reached; trying on');
      }
      await delay(backoff(Math.max(1, failures), Math.random()), undefined, { signal }).catch(() => {});
    }
  }

  /** Resolves when no connection to this peer is left, not only this one: the peer may have opened a better one. */
  async function lost(first: Connection, signal: AbortSignal): Promise<void> {
    let connection: Connection | undefined = first;
    while (connection !== undefined) {
      await closed(connection, signal);
      if (signal.aborted) return;
      connection = libp2p.getConnections(first.remotePeer).find((other) => other.status === 'open');
    }
  }

  return {
    name: 'bootstrap',
    async start() {
      ending = new AbortController();
      loops = addresses.map((address) => keep(address, ending.signal));
    },
    async stop() {
      ending.abort();
      await Promise.all(loops);
      loops = [];
    },
  };
}

function closed(connection: Connection, signal: AbortSignal): Promise<void> {
  if (connection.status !== 'open' || signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = () => {
    connection.removeEventListener('close', done);
    signal.removeEventListener('abort', done);
    resolve();
  };
  connection.addEventListener('close', done);
  signal.addEventListener('abort', done);
  return promise;
}
