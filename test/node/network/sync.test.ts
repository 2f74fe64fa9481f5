import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSync, type Host, type Sync } from '../../../node/network/network.ts';
import type { SyncTiming } from '../../../node/network/sync.ts';
import { MAX_SYNC_FRAME_BYTES, MAX_SYNC_RECORDS, SYNC_PROTOCOL } from '../../../protocol/constants.ts';
import { decodeSyncFrame, encodeSyncFrame, encodeSyncRequest } from '../../../protocol/sync.ts';
import { connect, type LiveHosts, liveHosts, quiet } from './live-hosts.ts';
import {
  channelRecord,
  forgedRecord,
  manyItems,
  newKey,
  type RecordShelf,
  recordShelf,
} from './record-shelf.ts';

let hosts: LiveHosts;
const syncs: Sync[] = [];

beforeEach(() => {
  hosts = liveHosts();
});
afterEach(async () => {
  for (const sync of syncs.splice(0)) await sync.stop();
  await hosts.stop();
});

interface Member {
  host: Host;
  sync: Sync;
  shelf: RecordShelf;
}

async function member(shelf: RecordShelf = recordShelf(), timing?: Partial<SyncTiming>): Promise<Member> {
  const host = await hosts.start();
  const sync = createSync({
    libp2p: host.libp2p,
    source: shelf,
    accept: (record, from) => shelf.accept(record, from),
    log: quiet,
    ...(timing === undefined ? {} : { timing }),
  });
  await sync.start();
  syncs.push(sync);
  return { host, sync, shelf };
}

const holds = (shelf: RecordShelf, count: number, timeout = 10_000) =>
  vi.waitFor(() => expect(shelf.size).toBe(count), { timeout, interval: 5 });

/** A node that answers the sync protocol as it likes; gives the time it took until its stream was closed or reset. */
async function hostile(answer: (frames: ReturnType<typeof lpStream>, stream: Stream) => Promise<void>) {
  const host = await hosts.start();
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  await host.libp2p.handle(SYNC_PROTOCOL, (stream) => {
    const since = performance.now();
    stream.addEventListener('close', () => resolve(performance.now() - since));
    void answer(lpStream(stream), stream).catch(() => {});
  });
  return { host, ended };
}

const frameOf = (records: Uint8Array[], done = false) => encodeSyncFrame({ v: 1, records, done });

test('both sides of a new connection get what the other has, whoever came later', async () => {
  const [early, late] = [recordShelf(), recordShelf()];
  early.put(...Array.from({ length: 5 }, () => channelRecord(newKey(), 1)));
  late.put(channelRecord(newKey(), 1));
  const [a, b] = [await member(early), await member(late)];
  await connect(b.host, a.host);
  await Promise.all([holds(a.shelf, 6), holds(b.shelf, 6)]);
});

test('what came after the first exchange is pulled by syncNow, and by the next round', async () => {
  const [a, b] = [await member(), await member()];
  const c = await member(recordShelf(), { interval: 100 });
  await connect(b.host, a.host);
  await connect(c.host, a.host);
  a.shelf.put(channelRecord(newKey(), 1));
  await vi.waitFor(() => expect(a.host.peers()).toHaveLength(2));
  await b.sync.syncNow(a.host.peerId);
  await holds(c.shelf, 1);
  await b.sync.syncNow();
  expect(b.shelf.size).toBe(1);
});

test('equal catalogues exchange no record', async () => {
  const [a, b] = [await member(), await member()];
  const record = channelRecord(newKey(), 1);
  await a.shelf.accept(record, '');
  await b.shelf.accept(record, '');
  await connect(b.host, a.host);
  await vi.waitFor(() => expect(a.host.peers()).toHaveLength(1));
  await b.sync.syncNow();
  await a.sync.syncNow();
  expect([a.shelf.asked, b.shelf.asked]).toEqual([1, 1]);
});

test('10,000 records come across in a few seconds', async () => {
  const [full, empty] = [recordShelf(), recordShelf()];
  full.put(...manyItems(10_000));
  const taken: string[] = [];
  const a = await member(full);
  const b = await member({
    ...empty,
    async accept(record) {
      taken.push(Buffer.from(record.subarray(-32)).toString('hex'));
      return 'accept';
    },
  });
  const since = performance.now();
  await connect(b.host, a.host);
  await vi.waitFor(() => expect(taken).toHaveLength(10_000), { timeout: 20_000, interval: 5 });
  const seconds = (performance.now() - since) / 1000;
  expect(new Set(taken).size).toBe(10_000);
  expect(seconds).toBeLessThan(10);
});

test('records that take long to check do not hold up the event loop', async () => {
  const [full, empty] = [recordShelf(), recordShelf()];
  full.put(...manyItems(1_000));
  let taken = 0;
  const a = await member(full);
  const b = await member({
    ...empty,
    async accept() {
      const until = performance.now() + 2;
      while (performance.now() < until);
      taken += 1;
      return 'accept';
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  await connect(b.host, a.host);
  await vi.waitFor(() => expect(taken).toBeGreaterThan(0), { timeout: 10_000, interval: 1 });
  delay.enable();
  await vi.waitFor(() => expect(taken).toBe(1_000), { timeout: 20_000, interval: 10 });
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan(400);
  expect(delay.percentile(90) / 1e6).toBeLessThan(100);
});

test('a peer that sends records nobody signed is stopped at the second one', async () => {
  const forged = Array.from({ length: 50 }, forgedRecord);
  const { host, ended } = await hostile(async (frames) => {
    await frames.read();
    await frames.write(frameOf(forged, true));
  });
  const victim = await member();
  await connect(victim.host, host);
  await ended;
  await vi.waitFor(() => expect(victim.host.libp2p.services.standing.shunned(host.peerId)).toBe(true));
  expect(victim.shelf.asked).toBe(2);
  expect(victim.shelf.size).toBe(0);
});

test.each<[string, (frames: ReturnType<typeof lpStream>, stream: Stream) => Promise<void>]>([
  ['garbage', (frames) => frames.write(new Uint8Array(1000).fill(0xff))],
  ['an oversize frame', (frames) => frames.write(new Uint8Array(MAX_SYNC_FRAME_BYTES + 1))],
  [
    'a frame announced far too large',
    async (_frames, stream) => void stream.send(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)),
  ],
  ['empty frames', (frames) => frames.write(frameOf([]))],
  ['a megabyte of empty maps', (frames) => frames.write(new Uint8Array(MAX_SYNC_FRAME_BYTES).fill(0xa0))],
])('%s ends the exchange at once', async (_case, answer) => {
  const { host, ended } = await hostile(async (frames, stream) => {
    await frames.read();
    await answer(frames, stream);
  });
  const victim = await member();
  await connect(victim.host, host);
  expect(await ended).toBeLessThan(5_000);
  expect(victim.shelf.asked).toBe(0);
});

test('silence, and a stream that trickles, end when a frame should have come', async () => {
  for (const answer of [
    async () => {},
    async (_frames: unknown, stream: Stream) => {
      stream.send(Uint8Array.of(0x80, 0x08));
      const trickle = setInterval(() => stream.status === 'open' && stream.send(Uint8Array.of(0)), 50);
      stream.addEventListener('close', () => clearInterval(trickle));
    },
  ]) {
    const { host, ended } = await hostile(answer);
    const victim = await member(recordShelf(), { frame: 500 });
    await connect(victim.host, host);
    const ms = await ended;
    expect(ms).toBeGreaterThan(300);
    expect(ms).toBeLessThan(5_000);
  }
});

test('frames that never stop coming, unasked, are cut off before they fill the memory', async () => {
  let sent = 0;
  const big = frameOf(Array.from({ length: 60 }, () => new Uint8Array(16_000)));
  const { host, ended } = await hostile(async (frames) => {
    await frames.read();
    for (;;) {
      await frames.write(big);
      sent += big.byteLength;
    }
  });
  const slow = recordShelf();
  slow.accept = () => new Promise((resolve) => setTimeout(resolve, 20, 'ignore'));
  const victim = await member(slow);
  await connect(victim.host, host);
  await ended;
  expect(sent).toBeLessThan(16 * 1024 * 1024);
});

test('frames that never stop coming, each when asked, end at the most records one exchange may carry', async () => {
  const frame = frameOf(Array.from({ length: 4096 }, (_, i) => Uint8Array.of(i)));
  const { host, ended } = await hostile(async (frames) => {
    for (;;) {
      await frames.read();
      await frames.write(frame);
    }
  });
  let taken = 0;
  const victim = await member({
    ...recordShelf(),
    accept: async () => {
      taken += 1;
      return 'ignore';
    },
  });
  await connect(victim.host, host);
  await ended;
  expect(taken).toBeGreaterThan(MAX_SYNC_RECORDS - 4096);
  expect(taken).toBeLessThanOrEqual(MAX_SYNC_RECORDS);
});

test('a peer that asks and asks is served ten times in a minute', async () => {
  const victim = await member();
  const asker = await hosts.start();
  await connect(asker, victim.host);
  let served = 0;
  for (let i = 0; i < 15; i++) {
    const stream = await asker.libp2p.dialProtocol(victim.host.libp2p.peerId, SYNC_PROTOCOL);
    const frames = lpStream(stream);
    try {
      await frames.write(encodeSyncRequest({ v: 1, have: [] }));
      expect(decodeSyncFrame((await frames.read()).subarray())).toEqual({ v: 1, records: [], done: true });
      await stream.close();
      served += 1;
      // The other side counts the exchange as running until its end has closed too.
      await vi.waitFor(() => expect(stream.status).toBe('closed'));
    } catch {
      stream.abort(new Error('refused'));
    }
  }
  expect(served).toBe(10);
});

test('one peer is served one exchange at a time', async () => {
  const victim = await member();
  const asker = await hosts.start();
  await connect(asker, victim.host);
  const open = () => asker.libp2p.dialProtocol(victim.host.libp2p.peerId, SYNC_PROTOCOL);
  const first = await open();
  const second = await open();
  await vi.waitFor(() => expect(second.status).toBe('reset'), { timeout: 5_000 });
  expect(first.status).toBe('open');
});

test.each<[string, Uint8Array | null, number]>([
  ['says nothing', null, 500],
  ['sends garbage', new Uint8Array(1000).fill(0xff), 20_000],
  ['sends something else than a request to go on', encodeSyncRequest({ v: 1, have: [] }), 20_000],
])('an asking peer that %s is let go', async (_case, message, frame) => {
  const full = recordShelf();
  full.put(...manyItems(2_000));
  const victim = await member(full, { frame });
  const asker = await hosts.start();
  await connect(asker, victim.host);
  const stream = await asker.libp2p.dialProtocol(victim.host.libp2p.peerId, SYNC_PROTOCOL);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  stream.addEventListener('close', () => resolve());
  const frames = lpStream(stream);
  const since = performance.now();
  if (message !== null) await frames.write(message);
  if (message !== null) await frames.write(message);
  await ended;
  expect(performance.now() - since).toBeLessThan(10_000);
});

test('stopping in the middle of an exchange ends it, on both sides', async () => {
  const full = recordShelf();
  full.put(...manyItems(3_000));
  const slow = recordShelf();
  let asked = 0;
  slow.accept = async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return 'accept';
  };
  const [a, b] = [await member(full), await member(slow)];
  await connect(b.host, a.host);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(10), { timeout: 10_000 });
  const since = performance.now();
  await b.sync.stop();
  await a.sync.stop();
  expect(performance.now() - since).toBeLessThan(2_000);
  expect(asked).toBeLessThan(1_000);
});
