/** Real hosts on loopback for the network tests, each with its own keys and level store, all taken down together. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelDatastore } from 'datastore-level';
import { type Config, type ConfigInput, parseConfig } from '../../../node/config.ts';
import { createLog, type Log } from '../../../node/log.ts';
import { createHost, type Host, openKeystore } from '../../../node/network/network.ts';

export const quiet: Log = createLog('silent');

export const tcpOnly = ['/ip4/127.0.0.1/tcp/0'];

/** The network's configuration for a test: loopback only, nobody looked for. */
export function networkConfig(network: ConfigInput['network'] = {}): Config['network'] {
  return parseConfig({ network: { mdns: false, autonat: false, relay: false, listen: tcpOnly, ...network } })
    .network;
}

export interface LiveHosts {
  /** A host that was made but not started. */
  make(network?: ConfigInput['network']): Promise<Host>;
  start(network?: ConfigInput['network']): Promise<Host>;
  stop(): Promise<void>;
}

export function liveHosts(): LiveHosts {
  const undo: (() => Promise<unknown>)[] = [];

  async function make(network?: ConfigInput['network']): Promise<Host> {
    const folder = await mkdtemp(join(tmpdir(), 'heliograph-network-'));
    undo.push(() => rm(folder, { recursive: true, force: true }));
    const datastore = new LevelDatastore(join(folder, 'db'));
    await datastore.open();
    undo.push(() => datastore.close());
    const keystore = await openKeystore(join(folder, 'keys'), quiet);
    const host = await createHost({ config: networkConfig(network), keystore, datastore, log: quiet });
    undo.push(() => host.stop());
    return host;
  }

  return {
    make,
    async start(network) {
      const host = await make(network);
      await host.start();
      return host;
    },
    async stop() {
      for (const step of undo.splice(0).reverse()) await step();
    },
  };
}

/** Connects one host to another by its first address. */
export async function connect(from: Host, to: Host): Promise<void> {
  const [address] = to.libp2p.getMultiaddrs();
  if (address === undefined) throw new Error('the host has no address');
  await from.libp2p.dial(address);
}
