/** A listener's open connections: capped for each address, swept of slow readers, and closed together. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import {
  isSlowReader,
  lookAgain,
  type Patience,
  type Reading,
  shortPatience,
  usualPatience,
} from './slow-readers.ts';

const SWEEP_MS = 1_000;
/** So many readers that take nothing at all are an attack, and cost the kernel more memory than they cost us. */
const MANY_STALLED = 256;
const STALLED_MS = 2_000;

const TOO_MANY =
  'HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/problem+json\r\nRetry-After: 5\r\n' +
  'Connection: close\r\n\r\n' +
  '{"type":"about:blank","title":"Too Many Requests","status":429,' +
  '"detail":"too many connections from this address","code":"too-many-requests"}';

export interface ConnectionsOptions {
  server: Server;
  maxPerAddress: number;
  /** How long slow readers are waited for just now. */
  patience?: () => Patience;
}

export interface Connections {
  counts(): { open: number; refused: number; tooSlow: number };
  /** Closes every connection, whatever it is doing, and stops sweeping. */
  close(): void;
}

export function watchConnections(options: ConnectionsOptions): Connections {
  const { server, maxPerAddress, patience = () => usualPatience } = options;
  const open = new Map<Socket, Reading>();
  const perAddress = new Map<string, number>();
  const counts = { refused: 0, tooSlow: 0 };

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const before = perAddress.get(address) ?? 0;
    if (before >= maxPerAddress) {
      counts.refused += 1;
      socket.on('error', () => {});
      socket.end(TOO_MANY, () => socket.destroy());
      return;
    }
    perAddress.set(address, before + 1);
    open.set(socket, { waiting: 0, since: 0 });
    socket.once('close', () => {
      open.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
  });

  let stalledBefore = 0;
  const sweep = setInterval(() => {
    const now = performance.now();
    const allowed = stalledBefore > MANY_STALLED ? shortPatience : patience();
    stalledBefore = 0;
    for (const [socket, before] of open) {
      const reading = lookAgain(before, socket.writableLength, now);
      if (reading !== before) open.set(socket, reading);
      if (reading.waiting > 0 && now - reading.since > STALLED_MS) stalledBefore += 1;
      if (!isSlowReader(reading, now, allowed)) continue;
      counts.tooSlow += 1;
      // A plain close leaves the kernel holding what the reader will never take.
      socket.resetAndDestroy();
    }
  }, SWEEP_MS);
  sweep.unref();

  return {
    counts: () => ({ open: open.size, ...counts }),
    close() {
      clearInterval(sweep);
      for (const socket of open.keys()) socket.destroy();
    },
  };
}
