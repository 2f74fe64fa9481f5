/** The studio: what the gateway serves and the control API, for the node's owner alone. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Config } from '../config.ts';
import { HeliographError } from '../errors.ts';
import { type Service, startAll, stopAll } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import type { GatewayCatalogue } from './catalogue-routes.ts';
import type { Control } from './control.ts';
import { addControlRoutes } from './control-routes.ts';
import { createEventStream } from './events.ts';
import type { Gateway } from './gateway.ts';
import { createListener } from './listener.ts';
import { createMetrics, type MetricsPage } from './metrics.ts';
import { readRequest } from './read-request.ts';
import { requireSameSite } from './same-site.ts';
import { cookieValue, createSessions } from './sessions.ts';

export interface StudioOptions {
  config: Pick<Config, 'studio'>;
  catalogue: GatewayCatalogue;
  /** Whose memory, tracker and routes the studio shares; start it first. */
  gateway: Pick<Gateway, 'site' | 'metrics'>;
  control: Control;
  /** Opens the control API as `Authorization: Bearer`. */
  token: string;
  log: Log;
}

export interface Studio extends Service {
  url(): string;
  /** A link that signs one browser in, once; each call makes another. */
  signInUrl(): string;
}

const signInQuery = z.object({ token: z.string().min(1).max(200) });

/** `start` throws `address-in-use` when another program has the port. */
export function createStudio(options: StudioOptions): Studio {
  const { gateway, control, catalogue } = options;
  const { site } = gateway;
  const { host, port, hosts } = options.config.studio;
  const log = scoped(options.log, 'node/gateway/studio');
  const sessions = createSessions({
    token: options.token,
    randomId: () => randomBytes(32).toString('base64url'),
    now: Date.now,
  });
  const events = createEventStream({ trustProxy: false });
  let metrics: MetricsPage | undefined;
  let forgets: (() => void)[] = [];

  /** Browsers do not keep cookies of two ports apart, so each studio's has its own name. */
  const cookieName = () => `heliograph-${new URL(listener.url()).port || '80'}`;

  function requireOwner(request: IncomingMessage): void {
    if (sessions.isBearer(request.headers.authorization)) return;
    const session = cookieValue(request.headers.cookie, cookieName());
    if (session !== undefined && sessions.isSession(session)) return;
    throw new HeliographError(
      'unauthorized',
      'sign in first: `heliograph serve` printed the link when it began',
    );
  }

  function routes(app: FastifyInstance): void {
    site.routes(app);
    app.route({
      method: 'GET',
      url: '/sign-in',
      config: {
        doc: { summary: 'Signs a browser in once', query: signInQuery, answer: null, status: 302 },
      },
      handler: async (request, reply) => {
        const session = sessions.signIn(readRequest(signInQuery, request.query).token);
        if (session === null) {
          throw new HeliographError(
            'unauthorized',
            'this link was used already, or is too old: start the node again',
          );
        }
        const cookie = `${cookieName()}=${session}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${sessions.maxAgeSeconds}`;
        reply
          .header('set-cookie', cookie)
          .header('cache-control', 'no-store')
          .header('referrer-policy', 'no-referrer');
        return reply.redirect('/', 302);
      },
    });
    app.register(async (owned) => {
      owned.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        requireOwner(request.raw);
      });
      addControlRoutes(owned, { control, catalogue, renditionsAtHand: site.renditionsAtHand, events });
      owned.route({
        method: 'GET',
        url: '/metrics',
        config: { doc: { summary: 'Figures for Prometheus', answer: 'text/plain' } },
        handler: async (_request, reply) => {
          reply.type(metrics?.contentType ?? 'text/plain');
          return metrics?.text();
        },
      });
    });
  }

  const listener = createListener({
    name: 'studio',
    host,
    port,
    trustProxy: false,
    audience: 'owner',
    log,
    admit: ({ headers }) => requireSameSite(headers, [host, ...hosts]),
    shortcut: site.shortcut,
    upgrade: site.upgrade,
    routes,
    otherwise: site.otherwise,
  });

  const life: Service = {
    name: 'studio events',
    async start() {
      metrics = createMetrics([
        ...gateway.metrics,
        {
          name: 'studio_connections',
          help: 'The studio’s connections',
          label: 'figure',
          read: listener.connections,
        },
        { name: 'jobs', help: 'Jobs by state', label: 'state', read: () => jobsByState(control) },
        { name: 'peers', help: 'Nodes connected', read: () => control.peers().length },
      ]);
      forgets = [
        control.onJob((job) => events.send('job', job)),
        control.onFollow((follow) => events.send('follow', follow)),
      ];
    },
    async stop() {
      for (const forget of forgets) forget();
      events.close();
      metrics?.stop();
    },
  };

  return {
    name: 'studio',
    url: listener.url,
    signInUrl: () => `${listener.url()}/sign-in?token=${sessions.signInCode()}`,
    start: () => startAll([life, listener]),
    stop: () => stopAll([life, listener]),
  };
}

function jobsByState(control: Control): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of control.jobs()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
