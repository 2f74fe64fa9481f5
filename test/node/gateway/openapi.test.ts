import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../node/config.ts';
import { errorCodes, HeliographError } from '../../../node/errors.ts';
import { openApiPath } from '../../../node/gateway/openapi.ts';
import { problemOf } from '../../../node/gateway/problems.ts';
import { createSite } from '../../../node/gateway/site.ts';
import { createLog } from '../../../node/log.ts';
import { startLiveGateway } from './live-gateway.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { summary: string; parameters?: { name: string; in: string }[] }>>;
  components: { schemas: Record<string, object> };
}

/** Routes of the public site, as Fastify has them. */
async function siteRoutes(): Promise<{ method: string; url: string }[]> {
  const app = Fastify();
  const routes: { method: string; url: string }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ method: String(method), url });
  });
  const catalogue = { on: () => () => {} } as never;
  createSite({
    config: parseConfig({}),
    catalogue,
    manifests: {} as never,
    content: {} as never,
    webRoot: '',
    version: '0',
    health: () => ({ status: 'ok', version: '0', reason: null }),
    log: createLog('silent'),
  }).routes(app);
  await app.ready();
  return routes;
}

test('the document has every route, and every route is documented', async () => {
  const live = await startLiveGateway();
  try {
    const document = (await (await live.get('/api/v1/openapi.json')).json()) as Document;
    expect(document.openapi).toBe('3.1.0');
    const routes = (await siteRoutes()).filter(({ method }) => method !== 'HEAD');
    const served = routes.map(({ method, url }) => `${method.toLowerCase()} ${openApiPath(url)}`);
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(documented.toSorted()).toEqual(served.toSorted());
    expect(new Set(routes.map(({ method }) => method))).toEqual(new Set(['GET']));
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const { parameters = [] } of Object.values(methods)) {
        const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        expect(named).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      }
    }
    expect(document.components.schemas.ItemView).toMatchObject({ type: 'object' });
    expect(JSON.stringify(document)).not.toContain('/control/');
  } finally {
    await live.stop();
  }
});

test('the studio’s document has the control routes as well', async () => {
  const live = await startLiveGateway();
  try {
    const document = (await (await live.ask('/api/v1/openapi.json')).json()) as Document;
    expect(Object.keys(document.paths)).toContain('/control/v1/channels/{id}/items');
    expect(Object.keys(document.paths['/control/v1/jobs/{id}'] ?? {})).toEqual(['get']);
    expect(Object.keys(document.paths['/control/v1/items/{id}'] ?? {})).toEqual(['patch', 'delete']);
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(['/metrics', '/sign-in', '/health']));
  } finally {
    await live.stop();
  }
});

test.each(errorCodes)('a problem with code %s has a status and keeps secrets', (code) => {
  const shown = problemOf(new HeliographError(code, 'words'), 'owner');
  expect(shown.status).toBeGreaterThanOrEqual(400);
  expect(shown.code).toBe(code);
  if (code === 'internal') expect(shown.detail).not.toContain('words');
  const told = problemOf(new HeliographError(code, '/home/secret'), 'public');
  if (told.status >= 500 && !['timeout', 'unavailable'].includes(code))
    expect(told.detail).not.toContain('secret');
});
