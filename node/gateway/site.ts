/** What both listeners serve to anybody: the app, the catalogue, items and bytes, the tracker, in one shared set. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { type HealthView, healthView } from '../../protocol/api.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Manifests } from '../catalogue/manifests.ts';
import type { Config } from '../config.ts';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { createBytesByCid, type GatewayContent } from './bytes-by-cid.ts';
import { addCatalogueRoutes, type GatewayCatalogue } from './catalogue-routes.ts';
import { createEventStream } from './events.ts';
import { addHlsRoutes, inTime } from './hls-routes.ts';
import { createHotSegments } from './hot-segments.ts';
import { addIpfsRoutes, answerHotSegment } from './ipfs-routes.ts';
import { createKnownSwarms } from './known-swarms.ts';
import type { Metric } from './metrics.ts';
import { collectOpenApi } from './openapi.ts';
import { createReaderShares } from './reader-shares.ts';
import { createRenditionsAtHand } from './renditions-at-hand.ts';
import { type Patience, shortPatience, usualPatience } from './slow-readers.ts';
import { createTracker } from './tracker.ts';
import { renditionView } from './views.ts';
import { loadWebApp, type WebApp } from './web-app.ts';

const MIB = 1024 * 1024;
/** Bytes that may be in memory only because somebody reads slowly, before new reads are refused. */
const HELD_LIMIT_BYTES = 256 * MIB;
/** Bytes on their way that an address may have while half of that is used. */
const READER_SHARE_BYTES = 8 * MIB;

export interface SiteOptions {
  config: Pick<Config, 'gateway' | 'studio'>;
  catalogue: GatewayCatalogue;
  manifests: Manifests;
  content: GatewayContent;
  /** Directory of the built web app. */
  webRoot: string;
  version: string;
  health: () => HealthView;
  log: Log;
}

export interface Site extends Service {
  routes(app: FastifyInstance): void;
  shortcut(request: IncomingMessage, response: ServerResponse): boolean;
  otherwise(request: IncomingMessage, response: ServerResponse): boolean;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  patience(): Patience;
  readonly renditionsAtHand: ReturnType<typeof createRenditionsAtHand>;
  readonly metrics: readonly Metric[];
}

export function createSite(options: SiteOptions): Site {
  const { config, catalogue, manifests, content, log } = options;
  const { cacheMb, fetchTimeout, trustProxy } = config.gateway;
  const fetchTimeoutMs = fetchTimeout * 1000;
  const hot = createHotSegments({ capacity: cacheMb * MIB, heldLimit: HELD_LIMIT_BYTES });
  const shares = createReaderShares({ share: READER_SHARE_BYTES, pressed: hot.pressed });
  const readers = { hot, shares, trustProxy };
  const bytes = createBytesByCid({ content, hot, fetchTimeoutMs });
  const swarms = createKnownSwarms({ catalogue, manifests });
  const tracker = createTracker({ swarms, trustProxy, log });
  const renditionsAtHand = createRenditionsAtHand(content);
  const events = createEventStream({ trustProxy });
  let app: WebApp | undefined;
  let forget = () => {};

  async function renditionsOf(item: Verified<ItemRecord>) {
    const here = await renditionsAtHand(item.record.manifest);
    if (here !== null) return here;
    const loaded = await inTime({ fetchTimeoutMs }, (o) => manifests.load(item, o)).catch(() => null);
    return loaded?.manifest.renditions.map(renditionView) ?? null;
  }

  return {
    name: 'site',
    renditionsAtHand,
    patience: () => (hot.pressed() ? shortPatience : usualPatience),

    routes(listener) {
      const openApi = collectOpenApi(listener, { title: 'Heliograph', version: options.version });
      listener.addHook('onRequest', async (_request, reply) => {
        reply.header('x-content-type-options', 'nosniff');
      });
      listener.register(async (open) => {
        open.addHook('onRequest', async (_request, reply) => {
          reply.header('access-control-allow-origin', '*').header('cache-control', 'no-cache');
        });
        open.route({
          method: 'GET',
          url: '/health',
          config: {
            doc: { summary: 'Whether this node serves', answer: healthView, also: { 503: 'It does not' } },
          },
          handler: async (_request, reply): Promise<HealthView> => {
            const view = options.health();
            reply.code(view.status === 'ok' ? 200 : 503).header('cache-control', 'no-store');
            return view;
          },
        });
        open.route({
          method: 'GET',
          url: '/api/v1/events',
          config: {
            doc: { summary: 'Server-sent events: `channel`, `item`, `mirror`', answer: 'text/event-stream' },
          },
          handler: async (request, reply) => {
            events.open(request.raw, reply.raw);
            reply.hijack();
          },
        });
        open.route({
          method: 'GET',
          url: '/api/v1/openapi.json',
          config: { doc: { summary: 'This document', answer: 'application/json' } },
          handler: async () => openApi.document(),
        });
        addCatalogueRoutes(open, { catalogue, renditionsAtHand, renditionsOf });
        addHlsRoutes(open, { catalogue, manifests, bytes, readers, swarms, fetchTimeoutMs });
        addIpfsRoutes(open, { bytes, readers, allows: (cid) => manifests.allows(cid) });
      });
    },

    shortcut: (request, response) => answerHotSegment(request, response, readers),
    otherwise: (request, response) => app?.answer(request, response) ?? false,
    upgrade(request, socket, head) {
      if (request.url?.split('?', 1)[0] !== '/tracker') return false;
      tracker.upgrade(request, socket, head);
      return true;
    },

    metrics: [
      { name: 'hot_segments', help: 'Memory for hot segments', label: 'figure', read: () => hot.counts() },
      {
        name: 'readers',
        help: 'Addresses that are being sent segments, and requests refused for their slowness',
        label: 'figure',
        read: () => shares.counts(),
      },
      { name: 'fetches', help: 'Reads that needed the network', label: 'figure', read: () => bytes.counts() },
      { name: 'tracker', help: 'The WebTorrent tracker', label: 'figure', read: () => tracker.counts() },
      { name: 'event_listeners', help: 'Open event streams', read: () => events.size() },
      { name: 'catalogue', help: 'What the catalogue holds', label: 'what', read: () => catalogue.counts() },
      {
        name: 'records_refused_total',
        help: 'Records refused',
        label: 'code',
        read: () => ({ ...catalogue.refused }),
      },
    ],

    async start() {
      app = await loadWebApp(options.webRoot);
      await tracker.start();
      forget = catalogue.on(({ type, ...data }) => events.send(type, data));
    },

    async stop() {
      forget();
      events.close();
      await tracker.stop();
    },
  };
}
