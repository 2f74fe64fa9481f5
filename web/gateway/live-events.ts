/** Hears what changes at this gateway (server-sent events) and tells the pages that show it. */
import type { GatewayEvents } from '../../protocol/api.ts';

export type LiveEvent = { [K in keyof GatewayEvents]: { type: K } & GatewayEvents[K] }[keyof GatewayEvents];

const names = ['channel', 'item', 'mirror'] as const satisfies (keyof GatewayEvents)[];
const listeners = new Set<(event: LiveEvent) => void>();
let source: EventSource | null = null;

/** Calls back at every event until the returned function is called. One connection serves all listeners. */
export function onLiveEvent(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  source ??= open();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    source?.close();
    source = null;
  };
}

function open(): EventSource {
  const opened = new EventSource('/api/v1/events');
  for (const type of names) {
    opened.addEventListener(type, (message) => {
      const event = parse(type, (message as MessageEvent<string>).data);
      if (event) for (const listener of listeners) listener(event);
    });
  }
  return opened;
}

function parse(type: LiveEvent['type'], data: string): LiveEvent | null {
  try {
    return { type, ...JSON.parse(data) } as LiveEvent;
  } catch {
    return null;
  }
}
