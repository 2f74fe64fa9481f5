/** The node's one libp2p host: listens, finds its bootstrap nodes and neighbours, and tells who is connected. */
import type { Connection, PeerInfo } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Datastore } from 'interface-datastore';
import { createLibp2p } from 'libp2p';
import type { PeerView } from '../../protocol/api.ts';
import type { Config } from '../config.ts';
import { HeliographError } from '../errors.ts';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import { createBootstrap } from './bootstrap.ts';
import type { HostLibp2p } from './host-libp2p.ts';
import type { Keystore } from './keystore.ts';
import { libp2pOptions } from './libp2p-options.ts';
import { addressFailure, listenFailure } from './listen-failure.ts';
import { createStanding } from './standing.ts';
import { unboundUdp } from './udp-port.ts';

/** The node's place in the network. `libp2p` exists from the beginning, and listens once started. */
export interface Host extends Service {
  readonly libp2p: HostLibp2p;
  readonly peerId: string;
  /** The connected peers. */
  peers(): PeerView[];
  /** The multiaddrs under which others may reach this node, peer id included. */
  addresses(): string[];
}

/** Neighbours are dialled only while this part of the connections is free for others. */
const NEIGHBOUR_SHARE = 0.5;
const DIAL_MS = 10_000;

/**
 * Makes the host without listening yet, so that protocols can be registered first; `datastore` must be open before
 * `start`. Throws `bad-config` for an address that is no multiaddr; `start` throws `address-in-use` naming the address.
 */
export async function createHost(options: {
  config: Config['network'];
  keystore: Pick<Keystore, 'nodeKey'>;
  datastore: Datastore;
  log: Log;
}): Promise<Host> {
  const { config, datastore } = options;
  const log = scoped(options.log, 'node/network/host');
  checkAddresses(config);
  const libp2p: HostLibp2p = await createLibp2p(
    libp2pOptions({
      config,
      privateKey: options.keystore.nodeKey().privateKey,
      datastore,
      standing: createStanding(Date.now),
      onNeighbour: (peer) => void greet(peer),
    }),
  );
  const bootstrap = createBootstrap({ libp2p, addresses: config.bootstrap, log });

  async function greet(peer: PeerInfo): Promise<void> {
    if (libp2p.status !== 'started' || libp2p.getConnections(peer.id).length > 0) return;
    if (libp2p.getConnections().length >= config.maxConnections * NEIGHBOUR_SHARE) return;
    try {
      await libp2p.peerStore.merge(peer.id, { multiaddrs: peer.multiaddrs });
      await libp2p.dial(peer.id, { signal: AbortSignal.timeout(DIAL_MS) });
    } catch (error) {
      log.debug({ peer: peer.id.toString(), err: error }, 'neighbour not reached');
    }
  }

  return {
    name: 'network host',
    libp2p,
    peerId: libp2p.peerId.toString(),
    async start() {
      const taken = await unboundUdp(config.listen);
      if (taken !== null)
        throw addressFailure(taken.address, taken.error.message, taken.error) ?? taken.error;
      try {
        await libp2p.start();
      } catch (error) {
        throw listenFailure(error, config.listen);
      }
      await bootstrap.start();
      log.info({ peer: libp2p.peerId.toString(), addresses: addresses() }, 'listening');
    },
    async stop() {
      await bootstrap.stop();
      await libp2p.stop();
    },
    peers: () => views(libp2p.getConnections()),
    addresses,
  };

  function addresses(): string[] {
    return libp2p.getMultiaddrs().map((address) => address.toString());
  }
}

function checkAddresses(config: Config['network']): void {
  for (const key of ['listen', 'announce', 'bootstrap'] as const) {
    for (const address of config[key]) {
      try {
        multiaddr(address);
      } catch (error) {
        throw new HeliographError('bad-config', `"network.${key}": ${address} is not a multiaddr`, {
          cause: error,
        });
      }
    }
  }
}

/** One view a peer, its connections together. */
function views(connections: readonly Connection[]): PeerView[] {
  const peers = new Map<string, PeerView>();
  for (const connection of connections) {
    const id = connection.remotePeer.toString();
    const view = peers.get(id) ?? { id, addresses: [], direction: connection.direction, latencyMs: null };
    view.addresses.push(connection.remoteAddr.toString());
    if (connection.rtt !== undefined)
      view.latencyMs = Math.min(view.latencyMs ?? Number.POSITIVE_INFINITY, connection.rtt);
    peers.set(id, view);
  }
  return [...peers.values()];
}
