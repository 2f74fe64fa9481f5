import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LiveGateway, startLiveGateway } from './live-gateway.ts';

let live: LiveGateway;
beforeAll(async () => {
  live = await startLiveGateway();
});
afterAll(() => live.stop());

test.each(['/', '/index.html', '/channels/k51abc', '/watch/babc', '/studio?x=1'])(
  '%s is the app’s page, which may run no inline script',
  async (path) => {
    const response = await live.get(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(/script-src ([^;]*)/.exec(policy)?.[1]).toBe("'self'");
    expect(policy).toMatch(/connect-src [^;]*ws:/);
    expect(policy).toMatch(/media-src [^;]*blob:/);
    const tag = response.headers.get('etag') ?? '';
    expect((await live.get(path, { headers: { 'if-none-match': tag } })).status).toBe(304);
  },
);

test('hashed files last for ever and travel compressed', async () => {
  const response = await live.get('/assets/app-1a2b.js');
  expect(response.headers.get('cache-control')).toContain('immutable');
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.text()).toMatch(/^console/);
});

test.each([
  '/assets/gone.js',
  '/favicon.png',
  '/api/v1/nothing',
  '/hls/x',
  '/iptv/x',
  '/tracker',
  '/control/v1/jobs',
  '/metrics',
])('%s is not the app’s', async (path) => {
  const response = await live.get(path);
  expect(response.status).toBe(404);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])('the gateway does not know %s', async (method) => {
  for (const path of ['/', '/api/v1/channels', '/control/v1/channels', '/nothing']) {
    const response = await live.get(path, { method, body: method === 'DELETE' ? null : '{}' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  }
});

test('other sites may ask with Range', async () => {
  const response = await live.get('/ipfs/x', { method: 'OPTIONS' });
  expect(response.status).toBe(204);
  expect(response.headers.get('access-control-allow-headers')).toContain('Range');
});
