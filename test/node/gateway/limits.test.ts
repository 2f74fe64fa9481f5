import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEventStream } from '../../../node/gateway/events.ts';
import { createListener } from '../../../node/gateway/listener.ts';
import { createQuota } from '../../../node/gateway/quota.ts';
import { createReaderShares } from '../../../node/gateway/reader-shares.ts';
import { isSlowReader, lookAgain, usualPatience } from '../../../node/gateway/slow-readers.ts';
import { createLog } from '../../../node/log.ts';
import { problemView } from '../../../protocol/api.ts';
import { createPublisher, type Film, type LiveGateway, startLiveGateway } from './live-gateway.ts';

const log = createLog('silent');
let live: LiveGateway;
let film: Film;

beforeAll(async () => {
  live = await startLiveGateway();
  const publisher = createPublisher(live);
  await publisher.announce();
  film = await publisher.publishFilm();
});
afterAll(() => live.stop());

const port = (url: string) => Number(new URL(url).port);

/** What a server says to these bytes until it closes or has said enough. */
async function say(url: string, text: string): Promise<string> {
  const socket = connect(port(url), '127.0.0.1');
  socket.on('error', () => {});
  socket.write(text);
  let answer = '';
  for await (const chunk of socket) {
    answer += chunk;
    if (/\r\n\r\n\{.*\}$/s.test(answer)) break;
  }
  socket.destroy();
  return answer;
}

/** A listener on a free port with what a test changes. */
function listenerOf(change: Partial<Parameters<typeof createListener>[0]>) {
  return createListener({
    name: 'gateway',
    host: '127.0.0.1',
    port: 0,
    trustProxy: false,
    audience: 'public',
    log,
    upgrade: () => false,
    routes: (app) => {
      app.get('/', async () => 'x');
      app.get('/large', (_request, reply) => {
        reply.hijack();
        reply.raw.end(Buffer.alloc(64 * 1024 * 1024));
      });
    },
    ...change,
  });
}

describe('addresses', () => {
  test('a port that is taken is one plain sentence', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expect(listenerOf({ port }).start()).rejects.toMatchObject({
      code: 'address-in-use',
      message: expect.stringMatching(
        new RegExp(`gateway cannot listen on 127.0.0.1:${port}: .*--gateway HOST:PORT`),
      ),
    });
    taken.close();
  });

  test('an address of another machine is refused by name', async () => {
    await expect(listenerOf({ host: '192.0.2.1' }).start()).rejects.toMatchObject({ code: 'bad-config' });
  });

  test('the URL can be opened on this machine, whatever it listens on', async () => {
    for (const [host, shown] of [
      ['0.0.0.0', '127.0.0.1'],
      ['::', '[::1]'],
      ['127.0.0.1', '127.0.0.1'],
    ] as const) {
      const listener = listenerOf({ host });
      await listener.start();
      expect(listener.url()).toMatch(new RegExp(`^http://${shown.replace(/[[\].]/g, '\\$&')}:\\d+$`));
      expect(await (await fetch(listener.url())).text()).toBe('x');
      await listener.stop();
      await listener.stop();
    }
  });
});

describe('requests that are none', () => {
  test.each([
    ['GARBAGE\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
    ['GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 400],
    [`GET /api/v1/items/${'x'.repeat(600)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 414],
    ['GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 404],
    ['GET /tracker HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n', 400],
  ])('%j gets an answer', async (text, status) => {
    expect(await say(live.gateway.url(), text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await live.get('/health')).status).toBe(200);
  });
});

test('no path, however odd, is answered with a fault of ours', async () => {
  const cid = String(film.refs.short.cid);
  const part = fc.oneof(
    fc.constantFrom(
      'ipfs',
      'hls',
      'items',
      'api',
      'v1',
      'channels',
      'records',
      cid,
      String(film.folder),
      film.item,
    ),
    fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%00',
      '%',
      '%ff',
      '?',
      '#',
      '//',
      'master.m3u8',
      'v720',
      'index.m3u8',
    ),
    fc.constantFrom(
      'format=raw',
      'format=car',
      '?format=car&dag-scope=entity',
      '?filename=',
      '__proto__',
      'constructor',
    ),
    fc.webPath(),
    fc.string(),
    fc.webQueryParameters(),
  );
  const paths = fc.sample(fc.array(part, { maxLength: 6 }), Number(process.env.FUZZ_URLS ?? 3_000));
  const base = live.gateway.url();
  for (let at = 0; at < paths.length; at += 50) {
    const answers = paths.slice(at, at + 50).map(async (parts) => {
      const path = `/${parts.map((each) => each.replace(/[^\x21-\x7e]/g, '%20')).join('/')}`;
      const response = await fetch(base + path, { redirect: 'manual' });
      await response.arrayBuffer();
      expect(response.status, path).toBeLessThan(500);
    });
    await Promise.all(answers);
  }
});

describe('connections', () => {
  test('one address may have only so many', async () => {
    const listener = listenerOf({ maxConnectionsPerAddress: 3 });
    await listener.start();
    const sockets: Socket[] = [];
    for (let i = 0; i < 3; i++) {
      const socket = connect(port(listener.url()), '127.0.0.1');
      await once(socket, 'connect');
      sockets.push(socket);
    }
    const answer = await say(listener.url(), '');
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(problemView.parse(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).code).toBe('too-many-requests');
    const closed = once(sockets[0] as Socket, 'close');
    sockets[0]?.destroy();
    await closed;
    while (listener.connections().open > 2) await new Promise(setImmediate);
    expect(await (await fetch(listener.url())).text()).toBe('x');
    for (const socket of sockets) socket.destroy();
    await listener.stop();
  });

  test('a reader that takes nothing is dropped; one that reads is not', async () => {
    const listener = listenerOf({ patience: () => ({ graceMs: 500, minRate: 1e9 }) });
    await listener.start();
    const stuck = connect(port(listener.url()), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.pause();
    stuck.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
    const reading = await (await fetch(`${listener.url()}/large`)).arrayBuffer();
    expect(reading.byteLength).toBe(64 * 1024 * 1024);
    while (listener.connections().tooSlow === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    stuck.destroy();
    await listener.stop();
  });

  test('stopping ends what is open', async () => {
    const listener = listenerOf({});
    await listener.start();
    const socket = connect(port(listener.url()), '127.0.0.1');
    await once(socket, 'connect');
    const closed = once(socket, 'close');
    await listener.stop();
    await closed;
    await expect(fetch(listener.url())).rejects.toThrow();
  });
});

test('a viewer who leaves before the answer is there holds no memory', async () => {
  const wanted = String(film.refs.short.cid);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const other = await startLiveGateway({
    config: { gateway: { host: '127.0.0.1', port: 0, cacheMb: 0 } },
    wrapContent: (content) => ({
      ...content,
      async getBlock(cid, options) {
        if (String(cid) !== wanted) return content.getBlock(cid, options);
        asked.resolve();
        await answer.promise;
        return film.bytes.short;
      },
    }),
  });
  const figures = (name: string) =>
    other.gateway.metrics.find((metric) => metric.name === name)?.read() as Record<string, number>;
  const impatient = new AbortController();
  const gone = other.get(`/ipfs/${wanted}`, { signal: impatient.signal }).catch(() => 'gone');
  await asked.promise;
  impatient.abort();
  expect(await gone).toBe('gone');
  while (figures('gateway_connections').open) await new Promise(setImmediate);
  answer.resolve();
  expect((await other.get('/health')).status).toBe(200);
  expect(figures('hot_segments').held).toBe(0);
  expect(figures('readers').addresses).toBe(0);
  await other.get(`/ipfs/${wanted}`).then((response) => response.arrayBuffer());
  while (figures('hot_segments').held) await new Promise(setImmediate);
  expect(figures('readers').addresses).toBe(0);
  await other.stop();
});

test('slowness is measured by what waits, and a reader that moves is given time anew', () => {
  const first = lookAgain(undefined, 1_000_000, 0);
  expect(lookAgain(first, 1_000_000, 5_000)).toBe(first);
  expect(lookAgain(first, 900_000, 5_000)).toEqual({ waiting: 900_000, since: 5_000 });
  const patience = usualPatience.graceMs + (1_000_000 / usualPatience.minRate) * 1000;
  expect(isSlowReader(first, patience - 1, usualPatience)).toBe(false);
  expect(isSlowReader(first, patience + 1, usualPatience)).toBe(true);
  expect(isSlowReader({ waiting: 0, since: 0 }, 1e12, usualPatience)).toBe(false);
});

test('while memory is short, whoever holds more than a share waits, and nobody else', () => {
  let pressed = false;
  const shares = createReaderShares({ share: 100, pressed: () => pressed });
  shares.begin('slow', 60);
  shares.begin('slow', 60);
  shares.begin('other', 60);
  shares.admit('slow');
  pressed = true;
  expect(() => shares.admit('slow')).toThrow(expect.objectContaining({ code: 'too-many-requests' }));
  shares.admit('other');
  shares.admit('new');
  shares.end('slow', 60);
  shares.admit('slow');
  shares.end('slow', 60);
  shares.end('other', 60);
  expect(shares.counts()).toEqual({ addresses: 0, refused: 1 });
});

test('a quota fills at its rate and forgets who is quiet', () => {
  const quota = createQuota({ rate: 10, burst: 5 });
  const taken = (now: number) =>
    Array.from({ length: 20 }, () => quota.take('a', now)).filter(Boolean).length;
  expect(taken(0)).toBe(5);
  expect(taken(0)).toBe(0);
  expect(taken(200)).toBe(2);
  expect(quota.take('b', 200)).toBe(true);
  quota.sweep(300);
  expect(quota.size()).toBe(1);
  quota.sweep(1_000);
  expect(quota.size()).toBe(0);
});

test('one address may have only so many event streams', async () => {
  const events = createEventStream({ trustProxy: false, maxListenersPerAddress: 2 });
  const listener = listenerOf({
    routes: (app) => {
      app.get('/', async (request, reply) => {
        events.open(request.raw, reply.raw);
        reply.hijack();
      });
    },
  });
  await listener.start();
  const open = [new AbortController(), new AbortController()];
  for (const { signal } of open) expect((await fetch(listener.url(), { signal })).status).toBe(200);
  expect((await fetch(listener.url())).status).toBe(429);
  open[0]?.abort();
  while (events.size() > 1) await new Promise(setImmediate);
  expect((await fetch(listener.url(), { signal: open[1]?.signal })).status).toBe(200);
  events.close();
  await listener.stop();
});
