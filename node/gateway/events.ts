/** Server-sent events: one source told to many listeners, each bounded, none waited for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HeliographError } from '../errors.ts';
import { clientAddress } from './client-address.ts';
import { crossOrigin } from './file-response.ts';

const HEARTBEAT_MS = 15_000;
const MAX_LISTENERS = 2_000;
const MAX_LISTENERS_PER_ADDRESS = 64;
/** A listener that lets this much wait is gone or as good as gone. */
const MAX_WAITING_BYTES = 256 * 1024;

export interface EventStreamOptions {
  trustProxy: boolean;
  heartbeatMs?: number;
  maxListenersPerAddress?: number;
}

export function createEventStream(options: EventStreamOptions) {
  const { trustProxy, heartbeatMs = HEARTBEAT_MS } = options;
  const listeners = new Map<ServerResponse, string>();
  let heartbeat: NodeJS.Timeout | undefined;
  const mostPerAddress = options.maxListenersPerAddress ?? MAX_LISTENERS_PER_ADDRESS;

  function write(text: string): void {
    for (const response of listeners.keys()) {
      if (response.writableLength > MAX_WAITING_BYTES) response.destroy();
      else response.write(text);
    }
  }

  return {
    /** Answers with the stream; it stays open. Throws `too-many-requests`. */
    open(request: IncomingMessage, response: ServerResponse): void {
      const address = clientAddress(request, trustProxy);
      const own = [...listeners.values()].filter((each) => each === address).length;
      if (listeners.size >= MAX_LISTENERS || own >= mostPerAddress) {
        throw new HeliographError('too-many-requests', 'too many listeners: close some and try again');
      }
      if (response.destroyed) return;
      response.writeHead(200, [
        ...crossOrigin,
        'content-type',
        'text/event-stream',
        'cache-control',
        'no-store',
        'x-accel-buffering',
        'no',
      ]);
      response.write('retry: 3000\n\n');
      listeners.set(response, address);
      response.once('close', () => listeners.delete(response));
      heartbeat ??= setInterval(() => write(': still here\n\n'), heartbeatMs).unref();
    },

    send(event: string, data: unknown): void {
      if (listeners.size > 0) write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },

    size: () => listeners.size,

    close(): void {
      clearInterval(heartbeat);
      heartbeat = undefined;
      for (const response of listeners.keys()) response.end();
    },
  };
}

export type EventStream = ReturnType<typeof createEventStream>;
