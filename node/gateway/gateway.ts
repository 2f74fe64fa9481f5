/** The public gateway: everything that is anybody's to read, and no way to write. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Service, startAll, stopAll } from '../lifecycle.ts';
import { scoped } from '../log.ts';
import { createListener } from './listener.ts';
import type { Metric } from './metrics.ts';
import { problem, sendProblem } from './problems.ts';
import { createSite, type Site, type SiteOptions } from './site.ts';

export type GatewayOptions = SiteOptions;

export interface Gateway extends Service {
  /** Where it can be reached from this machine, once started. */
  url(): string;
  /** What the studio serves as well; it lives as long as the gateway. */
  readonly site: Site;
  readonly metrics: readonly Metric[];
}

/** `start` throws `address-in-use` when another program has the port. */
export function createGateway(options: GatewayOptions): Gateway {
  const { host, port, trustProxy } = options.config.gateway;
  const site = createSite(options);
  const listener = createListener({
    name: 'gateway',
    host,
    port,
    trustProxy,
    audience: 'public',
    log: scoped(options.log, 'node/gateway/gateway'),
    patience: site.patience,
    shortcut: (request, response) => answersItself(request, response) || site.shortcut(request, response),
    upgrade: site.upgrade,
    routes: site.routes,
    otherwise: site.otherwise,
  });
  return {
    name: 'gateway',
    site,
    url: listener.url,
    metrics: [
      ...site.metrics,
      {
        name: 'gateway_connections',
        help: 'The gateway’s connections',
        label: 'figure',
        read: listener.connections,
      },
    ],
    start: () => startAll([site, listener]),
    stop: () => stopAll([site, listener]),
  };
}

/** Preflights, and every method that would write. */
function answersItself(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  if (request.method === 'OPTIONS') {
    response.writeHead(204, {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': 'Accept, Content-Type, If-None-Match, If-Range, Range',
      'access-control-max-age': '86400',
      ...(request.headers['access-control-request-private-network'] === 'true'
        ? { 'access-control-allow-private-network': 'true' }
        : {}),
    });
    response.end();
    return true;
  }
  const view = problem('bad-request', 'the gateway is for reading: GET and HEAD', 405);
  sendProblem(response, view, { allow: 'GET, HEAD, OPTIONS', connection: 'close' });
  return true;
}
