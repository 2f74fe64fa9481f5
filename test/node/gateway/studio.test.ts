import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HeliographError } from '../../../node/errors.ts';
import type { Control } from '../../../node/gateway/control.ts';
import { requireSameSite } from '../../../node/gateway/same-site.ts';
import { createSessions } from '../../../node/gateway/sessions.ts';
import {
  channelKeyView,
  channelsView,
  channelView,
  jobsView,
  jobView,
  problemView,
} from '../../../protocol/api.ts';
import { createPublisher, type LiveGateway, startLiveGateway, TOKEN } from './live-gateway.ts';

const job = jobView.parse({
  id: 'j1',
  channel: 'k51',
  file: '/films/a.mkv',
  title: 'A',
  state: 'running',
  step: 'probe',
  percent: 5,
  speed: null,
  secondsLeft: null,
  item: null,
  error: null,
  created: '2026-01-01T00:00:00Z',
  updated: '2026-01-01T00:00:00Z',
});

let live: LiveGateway;
let own: string;
let tellJob: Parameters<Control['onJob']>[0] = () => {};
const calls: unknown[][] = [];

beforeAll(async () => {
  live = await startLiveGateway({
    config: { studio: { port: 0, hosts: ['tv.example.org'] } },
    control: {
      ownChannels: () => [own, 'k51notyetknown'],
      async createChannel(request) {
        calls.push(['createChannel', request]);
        return own;
      },
      exportKey: async () => 'c2VjcmV0',
      async publish(channel, request) {
        if (request.file === '/gone') throw new HeliographError('unreadable', '/gone: no such file');
        calls.push(['publish', channel, request]);
        return job;
      },
      jobs: () => [job],
      job: (id) => (id === job.id ? job : undefined),
      async cancelJob(id) {
        calls.push(['cancelJob', id]);
        return { ...job, state: 'cancelled' };
      },
      async deleteItem(id) {
        calls.push(['deleteItem', id]);
      },
      onJob(listener) {
        tellJob = listener;
        return () => {};
      },
    },
  });
  const publisher = createPublisher(live);
  await publisher.announce();
  own = publisher.id;
});
afterAll(() => live.stop());

const post = (body: unknown, headers = {}): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A request with any Host, which fetch would not send. */
function raw(
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(live.studio.url());
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode ?? 0, text });
    });
    request.on('error', reject);
    request.end();
  });
}

describe('who may', () => {
  test.each([
    '/control/v1/channels',
    '/control/v1/status',
    '/control/v1/events',
    '/metrics',
    '/control/v1/jobs/j1',
  ])('%s wants a token', async (path) => {
    for (const authorization of ['', 'Bearer wrong', `Basic ${TOKEN}`, `Bearer ${TOKEN}x`, 'Bearer ']) {
      const response = await live.ask(path, { headers: { authorization } });
      expect(response.status).toBe(401);
      expect(problemView.parse(await response.json()).code).toBe('unauthorized');
    }
  });

  test('a link signs in once, by a cookie that scripts and other sites cannot use', async () => {
    const link = live.studio.signInUrl();
    const response = await fetch(link, { redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('/');
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toContain('HttpOnly');
    expect(cookie).toContain('SameSite=Strict');
    const session = { headers: { cookie: `other=1; ${cookie.split(';')[0]}` } };
    expect((await fetch(`${live.studio.url()}/control/v1/channels`, session)).status).toBe(200);
    expect((await fetch(link, { redirect: 'manual' })).status).toBe(401);
    expect((await fetch(`${live.studio.url()}/sign-in?token=guess`, { redirect: 'manual' })).status).toBe(
      401,
    );
  });

  test('what is public is public here too', async () => {
    expect((await fetch(`${live.studio.url()}/api/v1/channels`)).status).toBe(200);
    expect((await fetch(`${live.studio.url()}/`)).status).toBe(200);
  });

  test('every request with a foreign Host or Origin is refused, WebSockets too', async () => {
    const { host, port } = new URL(live.studio.url());
    const paths = [
      '/',
      '/health',
      '/api/v1/channels',
      '/control/v1/channels',
      '/sign-in?token=x',
      '/ipfs/x',
      '/metrics',
      '/nothing',
    ];
    const authorization = `Bearer ${TOKEN}`;
    for (const path of paths) {
      for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE']) {
        const foreign: Record<string, string>[] = [
          { host: 'evil.example' },
          { host: `evil.example:${port}` },
          { host: `localhost.evil.example:${port}` },
          { host, origin: 'http://evil.example' },
          { host, origin: `http://localhost:${Number(port) + 1}` },
          { host, origin: 'null' },
          { host, origin: `http://${host}.evil.example` },
        ];
        for (const headers of foreign) {
          expect((await raw(path, { ...headers, authorization }, method)).status).toBe(403);
        }
      }
    }
    expect((await raw('/', { host: `localhost:${port}`, origin: `http://localhost:${port}` })).status).toBe(
      200,
    );
    expect((await raw('/', { host: 'tv.example.org', origin: 'https://tv.example.org' })).status).toBe(200);
    const socket = new WebSocket(`${live.studio.url().replace('http', 'ws')}/tracker`, {
      origin: 'http://evil.example',
    });
    const status = await new Promise((resolve) => {
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.once('open', () => resolve('open'));
      socket.on('error', () => {});
    });
    expect(status).toBe(403);
  });
});

describe('control', () => {
  test('channels: list, make, key', async () => {
    const { channels } = channelsView.parse(await (await live.ask('/control/v1/channels')).json());
    expect(channels.map(({ id }) => id)).toEqual([own, 'k51notyetknown']);
    const made = await live.ask('/control/v1/channels', post({ name: ' New ' }));
    expect(made.status).toBe(201);
    expect(channelView.parse(await made.json()).id).toBe(own);
    expect(calls.at(-1)).toEqual([
      'createChannel',
      { name: 'New', description: '', language: null, categories: [] },
    ]);
    const key = channelKeyView.parse(await (await live.ask(`/control/v1/channels/${own}/key`)).json());
    expect(key).toEqual({ channel: own, key: 'c2VjcmV0' });
    expect((await live.ask('/control/v1/channels/k51stranger')).status).toBe(404);
    expect((await live.ask('/control/v1/channels/k51stranger', { method: 'DELETE' })).status).toBe(404);
  });

  test('publishing starts a job; its errors are told to the owner in words', async () => {
    const started = await live.ask(`/control/v1/channels/${own}/items`, post({ file: '/films/a.mkv' }));
    expect(started.status).toBe(202);
    expect(started.headers.get('location')).toBe('/control/v1/jobs/j1');
    expect(jobView.parse(await started.json())).toEqual(job);
    const failed = await live.ask(`/control/v1/channels/${own}/items`, post({ file: '/gone' }));
    expect(failed.status).toBe(422);
    expect(problemView.parse(await failed.json()).detail).toBe('/gone: no such file');
  });

  test('jobs: list, one, cancel without a body', async () => {
    expect(jobsView.parse(await (await live.ask('/control/v1/jobs')).json()).jobs).toEqual([job]);
    expect((await live.ask('/control/v1/jobs/none')).status).toBe(404);
    const cancelled = await live.ask('/control/v1/jobs/j1/cancel', { method: 'POST' });
    expect(jobView.parse(await cancelled.json()).state).toBe('cancelled');
    expect((await live.ask('/control/v1/items/b1', { method: 'DELETE' })).status).toBe(204);
    expect(calls.at(-1)).toEqual(['deleteItem', 'b1']);
  });

  test.each([
    [{ name: '' }, /"name"/],
    [{ name: 'x', extra: 1 }, /extra/],
    [[], /object/],
    ['text', /object/],
  ])('a wrong body %o is refused by name', async (body, message) => {
    const response = await live.ask('/control/v1/channels', post(body));
    expect(response.status).toBe(400);
    expect(problemView.parse(await response.json()).detail).toMatch(message);
  });

  test('only JSON is read, and only a little of it', async () => {
    const ask = (type: string, body: string) =>
      live.ask('/control/v1/channels', { method: 'POST', headers: { 'content-type': type }, body });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/xml',
    ]) {
      expect((await ask(type, '{"name":"x"}')).status).toBe(415);
    }
    expect((await ask('application/json', '{"name":')).status).toBe(400);
    const large = await ask('application/json', JSON.stringify({ name: 'x'.repeat(100_000) }));
    expect(large.status).toBe(413);
    expect(problemView.parse(await large.json()).code).toBe('too-large');
  });

  test('events tell of jobs', async () => {
    const closed = new AbortController();
    const response = await live.ask('/control/v1/events', { signal: closed.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    tellJob(job);
    while (!text.includes('j1')) text += (await reader?.read())?.value ?? '';
    expect(text).toContain(`event: job\ndata: ${JSON.stringify(job)}\n\n`);
    closed.abort();
  });

  test('/metrics is for Prometheus', async () => {
    const response = await live.ask('/metrics');
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('heliograph_catalogue{what="channels"} 1');
    expect(text).toContain('heliograph_jobs{state="running"} 1');
    expect(text).toMatch(/heliograph_memory_bytes \d+/);
  });
});

test('sessions run out, and codes of sign-in links too', () => {
  let now = 0;
  let ids = 0;
  const sessions = createSessions({ token: 't', randomId: () => `id${ids++}`, now: () => now });
  const session = sessions.signIn(sessions.signInCode());
  expect(sessions.isSession(session ?? '')).toBe(true);
  const late = sessions.signInCode();
  now += sessions.maxAgeSeconds * 1000;
  expect(sessions.isSession(session ?? '')).toBe(false);
  expect(sessions.signIn(late)).toBeNull();
});

test.each(['', 'a b', 'localhost/', 'user@localhost', 'localhost:80:80', '[::1', 'LOCALHOST.'])(
  'a Host of "%s" is not ours',
  (host) => {
    expect(() => requireSameSite({ host }, [])).toThrow(HeliographError);
  },
);

test('an IPv6 loopback Host is ours', () => {
  expect(() => requireSameSite({ host: '[::1]:8081', origin: 'http://[::1]:8081' }, [])).not.toThrow();
});
