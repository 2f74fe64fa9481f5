/** One HTTP listener: Fastify behind limits, with problem details for every error and one way to stop it all. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import Fastify, { type FastifyInstance } from 'fastify';
import { HeliographError } from '../errors.ts';
import type { Service } from '../lifecycle.ts';
import type { Log } from '../log.ts';
import { type Connections, watchConnections } from './connections.ts';
import { type Audience, PROBLEM_TYPE, problem, problemOf, sendProblem } from './problems.ts';
import type { Patience } from './slow-readers.ts';

const BODY_LIMIT = 64 * 1024;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 16_384;
const MAX_CONNECTIONS_PER_ADDRESS = 1_024;

export interface ListenerOptions {
  /** The service's name, which is also the flag that moves it elsewhere. */
  name: 'gateway' | 'studio';
  host: string;
  port: number;
  trustProxy: boolean;
  audience: Audience;
  log: Log;
  maxConnectionsPerAddress?: number;
  patience?: () => Patience;
  /** Sees every request first, upgrades too, and refuses by throwing. */
  admit?: (request: IncomingMessage) => void;
  /** Answers what needs no routing; true when it did. */
  shortcut?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Takes a WebSocket upgrade; false when nothing is there. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  routes: (app: FastifyInstance) => void;
  /** Answers a path that has no route; false when nothing is there. */
  otherwise?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface Listener extends Service {
  /** Where it can be reached from this machine. */
  url(): string;
  connections(): ReturnType<Connections['counts']>;
}

export function createListener(options: ListenerOptions): Listener {
  const { name, host, log, audience } = options;
  let app: FastifyInstance | undefined;
  let connections: Connections | undefined;
  let port = options.port;

  function handle(route: (request: IncomingMessage, response: ServerResponse) => void) {
    return (request: IncomingMessage, response: ServerResponse) => {
      try {
        options.admit?.(request);
        if (options.shortcut?.(request, response)) return;
        route(request, response);
      } catch (error) {
        sendProblem(response, tell(error));
      }
    };
  }

  function tell(error: unknown) {
    const view = problemOf(error, audience);
    if (view.status === 500) log.error({ err: error }, 'a request failed inside the node');
    return view;
  }

  function createHttpServer(route: (request: IncomingMessage, response: ServerResponse) => void): Server {
    const server = createServer(
      {
        maxHeaderSize: MAX_HEADER_BYTES,
        headersTimeout: HEADERS_TIMEOUT_MS,
        requestTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: 5_000,
        noDelay: true,
      },
      handle(route),
    );
    server.maxConnections = MAX_CONNECTIONS;
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (error.code === 'ECONNRESET' || !socket.writable) return socket.destroy();
      return refuseSocket(socket, error.code === 'HPE_HEADER_OVERFLOW' ? 431 : clientFault(error));
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      try {
        options.admit?.(request);
        if (!options.upgrade(request, socket, head)) refuseSocket(socket, 404);
      } catch (error) {
        refuseSocket(socket, problemOf(error, audience).status);
      }
    });
    connections = watchConnections({
      server,
      maxPerAddress: options.trustProxy
        ? MAX_CONNECTIONS
        : (options.maxConnectionsPerAddress ?? MAX_CONNECTIONS_PER_ADDRESS),
      patience: options.patience,
    });
    return server;
  }

  function build(): FastifyInstance {
    const built = Fastify({
      serverFactory: createHttpServer,
      trustProxy: options.trustProxy,
      bodyLimit: BODY_LIMIT,
      routerOptions: { maxParamLength: 512 },
      frameworkErrors: (error, _request, reply) => {
        reply.hijack();
        sendProblem(reply.raw, tell(error));
      },
    });
    built.removeContentTypeParser('text/plain');
    built.setErrorHandler((error, _request, reply) => {
      const view = tell(error);
      reply.code(view.status).type(PROBLEM_TYPE).header('cache-control', 'no-store');
      // As bytes: to a text Fastify would add a charset, which JSON has none of.
      return reply.send(Buffer.from(JSON.stringify(view)));
    });
    built.setNotFoundHandler((request, reply) => {
      reply.hijack();
      if (options.otherwise?.(request.raw, reply.raw)) return;
      sendProblem(reply.raw, problem('not-found', `there is nothing at ${pathOf(request.raw)}`));
    });
    options.routes(built);
    return built;
  }

  return {
    name,
    url() {
      const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host;
      return `http://${shown.includes(':') && !shown.startsWith('[') ? `[${shown}]` : shown}:${port}`;
    },
    connections: () => connections?.counts() ?? { open: 0, refused: 0, tooSlow: 0 },

    async start() {
      app = build();
      await app.ready();
      try {
        app.server.listen({ host, port: options.port });
        await once(app.server, 'listening');
      } catch (error) {
        await this.stop();
        throw listenError(error, name, host, options.port);
      }
      port = (app.server.address() as AddressInfo).port;
    },

    async stop() {
      const stopping = app;
      app = undefined;
      if (stopping === undefined) return;
      const closed = stopping.server.listening ? once(stopping.server, 'close') : undefined;
      stopping.server.close();
      connections?.close();
      await closed;
      await stopping.close();
    },
  };
}

/** The path of a request as the client wrote it, cut to a length fit for a message. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]?.slice(0, 200) ?? '/';
}

function clientFault(error: NodeJS.ErrnoException): number {
  return error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
}

function refuseSocket(socket: Duplex, status: number): void {
  const view = problem('bad-request', 'this is not a request that can be answered here', status);
  const body = JSON.stringify({ ...view, code: status === 403 ? 'forbidden' : view.code });
  socket.end(
    `HTTP/1.1 ${status} ${view.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function listenError(error: unknown, name: string, host: string, port: number): HeliographError {
  const { code } = error as NodeJS.ErrnoException;
  const where = `${host}:${port}`;
  const elsewhere = `choose another with --${name} HOST:PORT`;
  switch (code) {
    case 'EADDRINUSE':
      return new HeliographError(
        'address-in-use',
        `the ${name} cannot listen on ${where}: another program does; stop it or ${elsewhere}`,
        { cause: error },
      );
    case 'EACCES':
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new HeliographError(
        'bad-config',
        `the ${name} cannot listen on ${where}: this machine does not let it (${code}); ${elsewhere}`,
        { cause: error },
      );
    default:
      return new HeliographError('internal', `the ${name} cannot listen on ${where}`, { cause: error });
  }
}
