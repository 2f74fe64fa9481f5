/** The WebTorrent tracker at `/tracker`: brings viewers of known items together and believes none of them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Service } from '../lifecycle.ts';
import { type Log, scoped } from '../log.ts';
import { clientAddress } from './client-address.ts';
import type { KnownSwarms } from './known-swarms.ts';
import { createQuota } from './quota.ts';
import { createSwarmTable, type SwarmTable } from './swarm-table.ts';
import { parseTrackerMessage, type Refused, type TrackerMessage } from './tracker-message.ts';

const MAX_FRAME_BYTES = 64 * 1024;
const MAX_SOCKETS = 10_000;
const MAX_SOCKETS_PER_ADDRESS = 256;
const MAX_BUFFERED_BYTES = 512 * 1024;
/** A connection that sends this many messages which nobody can use is closed. */
const MAX_REFUSALS = 200;
const HEARTBEAT_MS = 25_000;
/** How long the holder of a peer id has to show that it is there when another connection claims the id. */
const CHALLENGE_MS = 3_000;
const INTERVAL_SECONDS = 30;
const POLICY_VIOLATION = 1008;

export interface TrackerOptions {
  swarms: KnownSwarms;
  trustProxy: boolean;
  log: Log;
  random?: () => number;
  heartbeatMs?: number;
  challengeMs?: number;
  /** Messages a second, and at once, from one address. */
  quota?: { rate: number; burst: number };
  maxSocketsPerAddress?: number;
}

export interface Tracker extends Service {
  /** Takes a WebSocket upgrade of `/tracker[?item=ID]`. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  counts(): {
    sockets: number;
    swarms: number;
    peers: number;
    messages: number;
    refused: number;
    turnedAway: number;
  };
}

interface Connection {
  readonly ws: WebSocket;
  readonly address: string;
  alive: boolean;
  refusals: number;
}

export function createTracker(options: TrackerOptions): Tracker {
  const { swarms, trustProxy, random = Math.random, heartbeatMs = HEARTBEAT_MS } = options;
  const log = scoped(options.log, 'node/gateway/tracker');
  const maxPerAddress = options.maxSocketsPerAddress ?? MAX_SOCKETS_PER_ADDRESS;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  const table: SwarmTable<Connection> = createSwarmTable({
    maxPeersPerSwarm: 10_000,
    maxSwarmsPerConnection: 32,
  });
  const quota = createQuota(options.quota ?? { rate: 100, burst: 1_000 });
  const connections = new Set<Connection>();
  const perAddress = new Map<string, number>();
  const counts = { messages: 0, refused: 0, turnedAway: 0 };
  let heartbeat: NodeJS.Timeout | undefined;
  let stopped = false;

  function connect(ws: WebSocket, address: string, item: string | null): void {
    const connection: Connection = { ws, address, alive: true, refusals: 0 };
    connections.add(connection);
    perAddress.set(address, (perAddress.get(address) ?? 0) + 1);
    ws.on('pong', () => {
      connection.alive = true;
    });
    ws.on('error', (error) => log.debug({ address, reason: error.message }, 'a tracker connection failed'));
    ws.once('close', () => disconnect(connection));
    ws.on('message', (data) => receive(connection, data));
    if (item === null) return;
    ws.pause();
    swarms.admitItem(item).finally(() => ws.resume());
  }

  function disconnect(connection: Connection): void {
    connections.delete(connection);
    table.leave(connection);
    const left = (perAddress.get(connection.address) ?? 1) - 1;
    if (left > 0) perAddress.set(connection.address, left);
    else perAddress.delete(connection.address);
  }

  function receive(connection: Connection, data: RawData): void {
    connection.alive = true;
    counts.messages += 1;
    if (!quota.take(connection.address, performance.now())) {
      refuse(connection, {
        refused: 'too many messages: slow down',
        action: 'announce',
        infoHash: undefined,
      });
      return;
    }
    const message = parseTrackerMessage(data.toString());
    const refusal = 'refused' in message ? message : answer(connection, message);
    if (refusal) refuse(connection, refusal);
  }

  function refuse(connection: Connection, { refused, action, infoHash }: Refused): void {
    counts.refused += 1;
    connection.refusals += 1;
    send(connection, { action, info_hash: infoHash, 'failure reason': refused });
    if (connection.refusals >= MAX_REFUSALS) connection.ws.close(POLICY_VIOLATION, 'too many bad messages');
  }

  function answer(connection: Connection, message: TrackerMessage): Refused | undefined {
    switch (message.action) {
      case 'scrape':
        return scrape(connection, message.infoHashes);
      case 'answer':
        return relayAnswer(connection, message);
      case 'announce':
        return announce(connection, message);
    }
  }

  function scrape(connection: Connection, infoHashes: string[]): Refused | undefined {
    const files = Object.fromEntries(
      infoHashes
        .filter((hash) => swarms.has(hash) || table.has(hash))
        .map((hash) => [hash, { ...table.tally(hash), downloaded: table.tally(hash).complete }]),
    );
    send(connection, { action: 'scrape', files });
    return undefined;
  }

  function announce(
    connection: Connection,
    message: TrackerMessage & { action: 'announce' },
  ): Refused | undefined {
    const { infoHash, peerId, offers } = message;
    const refuseWith = (refused: string): Refused => ({ refused, action: 'announce', infoHash });
    if (!swarms.has(infoHash) && !table.has(infoHash))
      return refuseWith('this tracker does not know that swarm');
    if (message.event === 'stopped') {
      table.part(connection, infoHash, peerId);
    } else {
      const joined = table.join(connection, infoHash, peerId);
      if (joined.outcome === 'taken') {
        challenge(joined.by);
        return refuseWith('that peer id belongs to another connection');
      }
      if (joined.outcome === 'full') return refuseWith('no room: too many peers or swarms');
      if (message.complete) table.complete(connection, infoHash, peerId);
    }
    send(connection, {
      action: 'announce',
      info_hash: infoHash,
      interval: INTERVAL_SECONDS,
      ...table.tally(infoHash),
    });
    if (message.event === 'stopped') return undefined;
    const others = table.others(connection, infoHash, offers.length, random());
    others.forEach((other, index) => {
      const { offer, offerId } = offers[index] ?? {};
      send(other.connection, {
        action: 'announce',
        info_hash: infoHash,
        peer_id: peerId,
        offer,
        offer_id: offerId,
      });
    });
    return undefined;
  }

  function relayAnswer(
    connection: Connection,
    message: TrackerMessage & { action: 'answer' },
  ): Refused | undefined {
    const { infoHash, peerId, toPeerId, answer: description, offerId } = message;
    if (table.own(connection, infoHash, peerId) === undefined) {
      return { refused: 'announce before answering', action: 'announce', infoHash };
    }
    const to = table.find(infoHash, toPeerId);
    if (to === undefined) return undefined;
    send(to.connection, {
      action: 'announce',
      info_hash: infoHash,
      peer_id: peerId,
      answer: description,
      offer_id: offerId,
    });
    return undefined;
  }

  /** A page that lost its network comes back with the same peer id while its old connection still seems open. */
  function challenge(connection: Connection): void {
    if (!connection.alive) return;
    connection.alive = false;
    connection.ws.ping();
    setTimeout(() => {
      if (!connection.alive) connection.ws.terminate();
    }, options.challengeMs ?? CHALLENGE_MS).unref();
  }

  function send({ ws }: Connection, message: object): void {
    if (ws.readyState !== WebSocket.OPEN || ws.bufferedAmount > MAX_BUFFERED_BYTES) return;
    ws.send(JSON.stringify(message));
  }

  function beat(): void {
    quota.sweep(performance.now());
    for (const connection of connections) {
      if (!connection.alive) connection.ws.terminate();
      else {
        connection.alive = false;
        connection.ws.ping();
      }
    }
  }

  return {
    name: 'tracker',
    upgrade(request, socket, head) {
      const address = clientAddress(request, trustProxy);
      if (stopped || connections.size >= MAX_SOCKETS || (perAddress.get(address) ?? 0) >= maxPerAddress) {
        counts.turnedAway += 1;
        socket.end('HTTP/1.1 429 Too Many Requests\r\nRetry-After: 30\r\nConnection: close\r\n\r\n');
        return;
      }
      const query = new URLSearchParams(request.url?.split('?', 2)[1]);
      server.handleUpgrade(request, socket, head, (ws) => connect(ws, address, query.get('item')));
    },
    counts: () => {
      const { swarms: active, peers } = table.counts();
      return { sockets: connections.size, swarms: active, peers, ...counts };
    },
    async start() {
      heartbeat = setInterval(beat, heartbeatMs);
      heartbeat.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(heartbeat);
      for (const { ws } of connections) ws.terminate();
      server.close();
    },
  };
}
