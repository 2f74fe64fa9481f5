import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import TrackerClient from 'bittorrent-tracker';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createKnownSwarms } from '../../../node/gateway/known-swarms.ts';
import { createSwarmTable } from '../../../node/gateway/swarm-table.ts';
import { createTracker } from '../../../node/gateway/tracker.ts';
import { parseTrackerMessage } from '../../../node/gateway/tracker-message.ts';
import { createLog } from '../../../node/log.ts';
import { itemInfoHashes } from '../../../protocol/swarm.ts';
import { createPublisher, type Film, type LiveGateway, startLiveGateway } from './live-gateway.ts';

let live: LiveGateway;
let film: Film;
let hash: string;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  live = await startLiveGateway();
  const publisher = createPublisher(live);
  await publisher.announce();
  film = await publisher.publishFilm();
  hash = itemInfoHashes(String(film.manifestCid), film.manifest)[0] ?? '';
});
afterAll(() => live.stop());
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});

const trackerUrl = (item?: string) =>
  `${live.gateway.url().replace('http', 'ws')}/tracker${item === undefined ? '' : `?item=${item}`}`;
const counts = () =>
  live.gateway.metrics.find(({ name }) => name === 'tracker')?.read() as Record<string, number>;
const peerId = () => randomBytes(10).toString('hex');
const offers = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ offer: { type: 'offer', sdp: `s${i}` }, offer_id: `o${i}` }));

/** A client that remembers what it is told. */
async function connect(item: string | undefined = film.item, url = trackerUrl(item)) {
  const socket = new WebSocket(url);
  sockets.push(socket);
  const inbox: Record<string, unknown>[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    inbox.push(JSON.parse(String(data)));
    wake();
  });
  socket.on('error', () => {});
  await once(socket, 'open');
  return {
    socket,
    send: (message: unknown) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    async next(): Promise<Record<string, unknown>> {
      while (inbox.length === 0)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      return inbox.shift() ?? {};
    },
    announce(id: string, more = {}) {
      this.send({ action: 'announce', info_hash: hash, peer_id: id, ...more });
      return this.next();
    },
  };
}

describe('the tracker', () => {
  test('relays offers and answers between viewers of an item that the catalogue has', async () => {
    const [a, b] = [await connect(), await connect()];
    const [idA, idB] = [peerId(), peerId()];
    expect(await a.announce(idA, { event: 'started', left: 5 })).toMatchObject({
      interval: 30,
      complete: 0,
      incomplete: 1,
    });
    expect(await b.announce(idB, { numwant: 3, offers: offers(3) })).toMatchObject({ incomplete: 2 });
    expect(await a.next()).toEqual({
      action: 'announce',
      info_hash: hash,
      peer_id: idB,
      offer: { type: 'offer', sdp: 's0' },
      offer_id: 'o0',
    });
    const answer = { type: 'answer', sdp: 'x' };
    a.send({ action: 'announce', info_hash: hash, peer_id: idA, to_peer_id: idB, offer_id: 'o0', answer });
    expect(await b.next()).toEqual({
      action: 'announce',
      info_hash: hash,
      peer_id: idA,
      answer,
      offer_id: 'o0',
    });
    expect(await a.announce(idA, { event: 'completed' })).toMatchObject({ complete: 1, incomplete: 1 });
    expect(await b.announce(idB, { event: 'stopped' })).toMatchObject({ complete: 1, incomplete: 0 });
  });

  test('knows only swarms of items: others are refused and take no room', async () => {
    const client = await connect();
    client.send({ action: 'announce', info_hash: 'x'.repeat(20), peer_id: peerId() });
    expect(await client.next()).toMatchObject({ 'failure reason': expect.stringContaining('does not know') });
    client.send({ action: 'scrape', info_hash: ['x'.repeat(20), hash] });
    const { files } = await client.next();
    expect(Object.keys(files as object)).toEqual([hash]);
    const stranger = await connect('bnosuchitem');
    expect(await stranger.announce(peerId())).toMatchObject({ info_hash: hash });
  });

  test('learns an item’s swarms when its playlist is asked for', async () => {
    const publisher = createPublisher(live);
    await publisher.announce();
    const other = await publisher.publishFilm();
    const [swarm = ''] = itemInfoHashes(String(other.manifestCid), other.manifest);
    const client = await connect('');
    const announce = { action: 'announce', info_hash: swarm, peer_id: peerId() };
    client.send(announce);
    expect(await client.next()).toHaveProperty('failure reason');
    await live.get(`/hls/items/${other.item}/master.m3u8`);
    client.send(announce);
    expect(await client.next()).toHaveProperty('interval');
  });

  test('nobody stops or takes another’s peer', async () => {
    const [a, b] = [await connect(), await connect()];
    const id = peerId();
    await a.announce(id);
    expect(await b.announce(id)).toMatchObject({
      'failure reason': expect.stringContaining('another connection'),
    });
    expect(await b.announce(id, { event: 'stopped' })).toMatchObject({ incomplete: 1 });
    b.send({ action: 'announce', info_hash: hash, peer_id: id, to_peer_id: id, offer_id: 'o', answer: {} });
    expect(await b.next()).toMatchObject({ 'failure reason': 'announce before answering' });
  });

  test('a peer whose connection is dead can come back', async () => {
    const [a, b] = [await connect(), await connect()];
    const id = peerId();
    await a.announce(id);
    a.socket.pause();
    await b.announce(id);
    const gone = once(a.socket, 'close');
    a.socket.terminate();
    await gone;
    let told = await b.announce(id);
    while ('failure reason' in told) told = await b.announce(id);
    expect(told).toHaveProperty('interval');
  });

  test('a swarm is gone with its last peer', async () => {
    const client = await connect();
    await client.announce(peerId());
    expect(counts()).toMatchObject({ swarms: 1, peers: 1 });
    client.socket.close();
    await once(client.socket, 'close');
    while (counts().sockets) await new Promise(setImmediate);
    expect(counts()).toMatchObject({ swarms: 0, peers: 0 });
  });

  test.each([
    '{"action":"scrape","info_hash":5}',
    '{"action":"scrape"}',
    '{"action":"announce","offers":[null]}',
    'null',
    '[]',
    '"x"',
    '{',
    '',
    '{"action":"announce","info_hash":{},"peer_id":[]}',
    '{"action":{"toString":1}}',
    '{"__proto__":{"action":"announce"}}',
  ])('%s is answered with a reason', async (text) => {
    const [a, b] = [await connect(), await connect()];
    await a.announce(peerId());
    b.send(text);
    expect(await b.next()).toHaveProperty('failure reason');
    const id = peerId();
    b.send({ action: 'announce', info_hash: hash, peer_id: id, offers: [null] });
    expect(await b.next()).toHaveProperty('failure reason');
    expect(await b.announce(id)).toHaveProperty('interval');
  });

  test('large frames end the connection, and no more than ten offers are passed on', async () => {
    const others = await Promise.all(Array.from({ length: 12 }, () => connect()));
    for (const other of others) await other.announce(peerId());
    const client = await connect();
    await client.announce(peerId(), { numwant: 1e9, offers: offers(50) });
    const told = await Promise.allSettled(
      others.map((other) => Promise.race([other.next(), new Promise((_, no) => setTimeout(no, 200))])),
    );
    expect(told.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    client.send('x'.repeat(70_000));
    const [code] = await once(client.socket, 'close');
    expect(code).toBe(1009);
  });

  test('one who only sends rubbish is sent away', async () => {
    const client = await connect();
    for (let i = 0; i < 250; i++) client.send('rubbish');
    const [code] = await once(client.socket, 'close');
    expect(code).toBe(1008);
    expect((await connect()).socket.readyState).toBe(WebSocket.OPEN);
  });

  test('stays up, and small, under many random messages', async () => {
    const ids = [hash, hash, peerId(), peerId(), 'x'.repeat(20)];
    const value = fc.oneof(
      fc.constantFrom<unknown>(...ids, 'announce', 'scrape', 'stopped', 'completed', null, 0, -1, 1e300, []),
      fc.jsonValue({ maxDepth: 3 }),
    );
    const message = fc.record(
      {
        action: fc.oneof(fc.constantFrom('announce', 'scrape'), value),
        info_hash: fc.oneof(fc.constantFrom(...ids), value, fc.array(value, { maxLength: 3 })),
        peer_id: fc.oneof(fc.constantFrom(...ids), value),
        to_peer_id: value,
        event: value,
        offers: fc.oneof(fc.constant(offers(2)), fc.array(value, { maxLength: 3 }), value),
        answer: fc.oneof(fc.constant({}), value),
        offer_id: fc.oneof(fc.constant('o'), value),
        numwant: value,
        left: value,
      },
      { requiredKeys: [] },
    );
    const texts = fc.sample(
      fc.oneof(
        message.map((m) => JSON.stringify(m)),
        fc.string(),
      ),
      20_000,
    );
    const tracker = createTracker({
      swarms: { ...createKnownSwarms(live), has: (each) => each === hash },
      trustProxy: false,
      log: createLog('silent'),
      quota: { rate: 1e9, burst: 1e9 },
    });
    const server = createServer().on('upgrade', (request, socket, head) =>
      tracker.upgrade(request, socket, head),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/tracker`;
    try {
      let client = await connect(undefined, url);
      for (const text of texts) {
        if (client.socket.readyState !== WebSocket.OPEN) client = await connect(undefined, url);
        client.send(text);
      }
      const sane = await connect(undefined, url);
      expect(await sane.announce(peerId())).toHaveProperty('interval');
      while (tracker.counts().messages < 15_000) await new Promise(setImmediate);
      expect(tracker.counts().swarms).toBe(1);
    } finally {
      await tracker.stop();
      server.close();
    }
  });

  test('is understood by the client that the player uses', async () => {
    const refused = Promise.withResolvers<never>();
    // Clients of one process share a socket for one URL, and a connection is not brought together with itself.
    const clients = [1, 2].map((n) => {
      const client = new TrackerClient({
        infoHash: Buffer.from(hash),
        peerId: Buffer.from(peerId()),
        announce: [`${trackerUrl(film.item)}&n=${n}`],
        port: 1,
        rtcConfig: { iceServers: [] },
      });
      for (const fault of ['error', 'warning'] as const) client.on(fault, refused.reject);
      client.start();
      return client;
    });
    const updates = clients.map((client) => once(client, 'update'));
    const offered = clients.map((client) => once(client, 'peer'));
    await Promise.race([Promise.all([...updates, Promise.race(offered)]), refused.promise]);
    expect(counts().peers).toBe(2);
    for (const client of clients) client.destroy();
  });
});

test('reading messages never throws, whatever comes', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      const read = parseTrackerMessage(text);
      expect('refused' in read || 'action' in read).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('the swarm table forgets everything that left, in any order', () => {
  const step = fc.record({
    what: fc.constantFrom('join', 'part', 'leave', 'complete'),
    connection: fc.nat({ max: 3 }),
    swarm: fc.constantFrom('s1', 's2'),
    peer: fc.constantFrom('p1', 'p2', 'p3'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = createSwarmTable<{ id: number }>({ maxPeersPerSwarm: 2, maxSwarmsPerConnection: 3 });
      const connections = [0, 1, 2, 3].map((id) => ({ id }));
      for (const { what, connection, swarm, peer } of steps) {
        const from = connections[connection] ?? { id: -1 };
        if (what === 'join') table.join(from, swarm, peer);
        else if (what === 'leave') table.leave(from);
        else if (what === 'part') table.part(from, swarm, peer);
        else table.complete(from, swarm, peer);
        const tallies = ['s1', 's2'].map((each) => table.tally(each));
        for (const { complete, incomplete } of tallies) {
          expect(Math.min(complete, incomplete)).toBeGreaterThanOrEqual(0);
          expect(complete + incomplete).toBeLessThanOrEqual(2);
        }
        const sum = tallies.reduce((all, { complete, incomplete }) => all + complete + incomplete, 0);
        expect(table.counts().peers).toBe(sum);
        expect(table.others(from, swarm, 9, 0.99).every((member) => member.connection !== from)).toBe(true);
      }
      for (const connection of connections) table.leave(connection);
      expect(table.counts()).toEqual({ swarms: 0, peers: 0, connections: 0 });
    }),
  );
});
