/** Finds out whether WebRTC's UDP ports are free before libp2p starts: its listener can't fail without leaking. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { multiaddr } from '@multiformats/multiaddr';

/** The first of these multiaddrs whose UDP port can't be bound, with the reason, or null when all can. */
export async function unboundUdp(
  addresses: readonly string[],
): Promise<{ address: string; error: NodeJS.ErrnoException } | null> {
  for (const address of addresses) {
    const components = multiaddr(address).getComponents();
    const port = Number(components.find((component) => component.name === 'udp')?.value ?? 0);
    const host = components.find((component) => component.name === 'ip4' || component.name === 'ip6');
    if (port === 0 || host?.value === undefined) continue;
    const error = await bindFault(host.name === 'ip6', host.value, port);
    if (error !== null) return { address, error };
  }
  return null;
}

async function bindFault(v6: boolean, address: string, port: number): Promise<NodeJS.ErrnoException | null> {
  const socket = createSocket({ type: v6 ? 'udp6' : 'udp4', ipv6Only: v6 });
  try {
    socket.bind({ address, port, exclusive: true });
    await once(socket, 'listening');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    socket.close();
  }
}
