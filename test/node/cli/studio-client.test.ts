/** The client against a node that is gone, silent, or answers nonsense. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { apiPath, openStudio } from '../../../node/cli/studio-client.ts';
import { peersView } from '../../../protocol/api.ts';

let dir: string;
let server: Server | undefined;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(dir, { recursive: true, force: true });
});

async function studioThat(answer: RequestListener, answerWithinMs?: number) {
  server = createServer(answer);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await writeFile(join(dir, 'studio.json'), JSON.stringify({ pid: 7, url, token: 'secret' }));
  return openStudio(dir, { answerWithinMs });
}

test('a request carries the token, and JSON only when there is something to say', async () => {
  const seen: (string | undefined)[][] = [];
  const studio = await studioThat((request, response) => {
    seen.push([request.method, request.url, request.headers.authorization, request.headers['content-type']]);
    response.end('{"peers":[]}');
  });
  expect(await studio.ask('GET', '/control/v1/peers', peersView)).toEqual({ peers: [] });
  await studio.tell('POST', apiPath`/control/v1/jobs/${'a/../b?c'}/cancel`, { a: 1 });
  expect(seen).toEqual([
    ['GET', '/control/v1/peers', 'Bearer secret', undefined],
    ['POST', '/control/v1/jobs/a%2F..%2Fb%3Fc/cancel', 'Bearer secret', 'application/json'],
  ]);
});

test('problem details become the error that the node had', async () => {
  const problem = { type: 'about:blank', title: 't', status: 409, detail: 'taken', code: 'conflict' };
  const studio = await studioThat((_request, response) =>
    response.writeHead(409).end(JSON.stringify(problem)),
  );
  await expect(studio.tell('DELETE', '/x')).rejects.toMatchObject({ code: 'conflict', message: 'taken' });
});

test.each([
  [200, '{"peers":[{"id":5}]}', 'has an unknown shape (peers.0.id'],
  [200, 'hello', 'has an unknown shape'],
  [502, '<html>', 'with status 502'],
])('the answer %d %s is refused', async (status, body, line) => {
  const studio = await studioThat((_request, response) => response.writeHead(status).end(body));
  await expect(studio.ask('GET', '/p', peersView)).rejects.toMatchObject({
    code: 'internal',
    message: expect.stringContaining(line),
  });
});

test('a redirect is not followed with the token', async () => {
  let asked = 0;
  const studio = await studioThat((_request, response) => {
    asked += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  await expect(studio.ask('GET', '/p', peersView)).rejects.toThrow();
  expect(asked).toBe(1);
});

test('a node that stays silent is given up on', async () => {
  const studio = await studioThat(() => {}, 100);
  await expect(studio.ask('GET', '/p', peersView)).rejects.toMatchObject({
    code: 'timeout',
    message: expect.stringContaining('the node (process 7) did not answer GET /p within'),
  });
});

test('a node that ends while it is asked is not running', async () => {
  const studio = await studioThat((request) => request.socket.destroy());
  await expect(studio.tell('GET', '/p')).rejects.toMatchObject({ code: 'node-not-running' });
});

test('a damaged studio.json is said to be so', async () => {
  await writeFile(join(dir, 'studio.json'), '{"pid":');
  await expect(openStudio(dir)).rejects.toThrow('is damaged; restart the node');
});
