import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { multiaddr } from '@multiformats/multiaddr';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Host } from '../../../node/network/network.ts';
import { connect, type LiveHosts, liveHosts, tcpOnly } from './live-hosts.ts';

const ws = '/ip4/127.0.0.1/tcp/0/ws';
const webrtc = '/ip4/127.0.0.1/udp/0/webrtc-direct';

let hosts: LiveHosts;
beforeEach(() => {
  hosts = liveHosts();
});
afterEach(() => hosts.stop());

const connected = (host: Host, other: Host) =>
  vi.waitFor(() => expect(host.peers().map(({ id }) => id)).toContain(other.peerId), { timeout: 15_000 });

async function roundTrip(from: Host, to: Host): Promise<number> {
  return from.libp2p.services.ping.ping(to.libp2p.peerId);
}

test.each([
  ['TCP', tcpOnly[0] as string, '/tcp/'],
  ['WebSockets', ws, '/ws'],
  ['WebRTC-direct', webrtc, '/webrtc-direct/'],
])('nodes reach each other over %s', async (_name, listen, part) => {
  const a = await hosts.start({ listen: [listen] });
  const b = await hosts.start({ bootstrap: a.addresses() });
  await connected(b, a);
  expect(await roundTrip(b, a)).toBeGreaterThanOrEqual(0);
  expect(b.peers()).toEqual([
    expect.objectContaining({
      id: a.peerId,
      direction: 'outbound',
      addresses: [expect.stringContaining(part)],
    }),
  ]);
  await connected(a, b);
  expect(a.peers()[0]?.direction).toBe('inbound');
});

test('the address is told with its peer id, and is the one announced when one is', async () => {
  const plain = await hosts.start();
  expect(plain.addresses()).toEqual([expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)]);
  expect(plain.addresses()[0]).toContain(plain.peerId);
  const announced = await hosts.start({ announce: ['/dns4/tv.example.org/tcp/4001'] });
  expect(announced.addresses()).toEqual([`/dns4/tv.example.org/tcp/4001/p2p/${announced.peerId}`]);
});

test('a bootstrap node that starts later is found, and found again after it was lost', async () => {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = `/ip4/127.0.0.1/tcp/${(probe.address() as { port: number }).port}`;
  probe.close();
  await once(probe, 'close');

  const b = await hosts.start({ bootstrap: [address] });
  const a = await hosts.start({ listen: [address] });
  await connected(b, a);
  await vi.waitFor(async () => {
    const peer = await b.libp2p.peerStore.get(a.libp2p.peerId);
    expect([...peer.tags.keys()]).toContain('heliograph-bootstrap');
  });
  await a.stop();
  await vi.waitFor(() => expect(b.peers()).toEqual([]), { timeout: 5_000 });
  const again = await hosts.start({ listen: [address] });
  await connected(b, again);
});

test('a connection lost for a moment is made again', async () => {
  const a = await hosts.start();
  const b = await hosts.start({ bootstrap: a.addresses() });
  await connected(b, a);
  const lost = once(b.libp2p as unknown as EventTarget, 'peer:disconnect');
  await a.libp2p.hangUp(b.libp2p.peerId);
  await lost;
  await connected(b, a);
});

test('no more connections are let in than configured', async () => {
  const a = await hosts.start({ maxConnections: 4 });
  const others = await Promise.all(Array.from({ length: 7 }, () => hosts.start()));
  await Promise.allSettled(others.map((other) => connect(other, a)));
  await vi.waitFor(() => expect(a.peers()).toHaveLength(4));
});

test('one connection carries no more than 64 streams', async () => {
  const [a, b] = [await hosts.start(), await hosts.start()];
  await a.libp2p.handle('/test/idle', () => {}, { maxInboundStreams: 1000 });
  await connect(b, a);
  const [connection] = b.libp2p.getConnections(a.libp2p.peerId);
  const opened = await Promise.allSettled(
    Array.from({ length: 100 }, () => connection?.newStream('/test/idle', { maxOutboundStreams: 1000 })),
  );
  expect(opened.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(64);
});

test('a taken port is told by the address that has it', async () => {
  const tcp = createServer().listen(0, '127.0.0.1');
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  try {
    const { port } = tcp.address() as { port: number };
    for (const taken of [
      `/ip4/127.0.0.1/tcp/${port}`,
      `/ip4/127.0.0.1/tcp/${port}/ws`,
      `/ip4/127.0.0.1/udp/${udp.address().port}/webrtc-direct`,
    ]) {
      const host = await hosts.make({ listen: [...tcpOnly, webrtc, taken] });
      const error = await host.start().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'address-in-use', message: expect.stringContaining(taken) });
      expect((error as Error).message).not.toContain('\n');
    }
  } finally {
    tcp.close();
    udp.close();
  }
});

test.each([
  [{ listen: ['/ip4/127.0.0.1/banana/1'] }, 'network.listen'],
  [{ bootstrap: ['/ip4/300.0.0.1/tcp/1'] }, 'network.bootstrap'],
])('an address that is no multiaddr is refused by name: %o', async (network, key) => {
  await expect(hosts.make(network)).rejects.toMatchObject({
    code: 'bad-config',
    message: expect.stringContaining(key),
  });
});

test.each(['/ip4/127.0.0.1/udp/0/quic-v1', '/ip4/192.0.2.1/tcp/0'])(
  'an address that cannot be listened on is refused by name: %s',
  async (address) => {
    const host = await hosts.make({ listen: [address] });
    await expect(host.start()).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(address),
    });
  },
);

test('with relay, hole punching, AutoNAT, UPnP and mDNS on, it starts and stops', async () => {
  const host = await hosts.start({ relay: true, relayServer: true, autonat: true, upnp: true, mdns: true });
  expect(host.libp2p.getProtocols()).toEqual(
    expect.arrayContaining(['/libp2p/circuit/relay/0.2.0/hop', '/libp2p/dcutr', '/libp2p/autonat/1.0.0']),
  );
  await host.stop();
});

test('a node without a way in is reached through a relay', async () => {
  const relay = await hosts.start({ relayServer: true });
  const hidden = await hosts.start({ listen: [], relay: true, bootstrap: relay.addresses() });
  await vi.waitFor(() => expect(hidden.addresses().join()).toContain('/p2p-circuit'), { timeout: 15_000 });
  const caller = await hosts.start({ relay: true });
  const [address] = hidden.addresses();
  await caller.libp2p.dial(multiaddr(address));
  await connected(caller, hidden);
});

test('a process whose host has stopped ends by itself', async () => {
  const script = `
    import { liveHosts, connect } from './live-hosts.ts';
    const hosts = liveHosts();
    const listen = ['${tcpOnly[0]}', '${ws}', '${webrtc}'];
    const a = await hosts.start({ listen, relay: true, autonat: true, mdns: true });
    const b = await hosts.start({ listen, bootstrap: [a.addresses().find((x) => x.includes('webrtc'))] });
    while (b.peers().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await hosts.stop();
    console.log('stopped');
  `;
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: folder,
    timeout: 20_000,
  });
  expect(stdout).toContain('stopped');
});
