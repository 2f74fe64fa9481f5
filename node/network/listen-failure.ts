/** Says in one sentence why the host could not listen; libp2p's own error is a page of stack traces. */
import { type ErrorCode, HeliographError } from '../errors.ts';

const REASONS: readonly [pattern: RegExp, code: ErrorCode, sentence: string][] = [
  [
    /EADDRINUSE/,
    'address-in-use',
    'is taken by another program or node; stop that one or choose another with --listen',
  ],
  [/EACCES/, 'bad-config', 'needs more rights than this node has; choose a port above 1023'],
  [/EADDRNOTAVAIL|EINVAL/, 'bad-config', 'is not an address of this machine; correct network.listen'],
  [
    /UnsupportedListenAddressError/,
    'bad-config',
    'is not one that this node can listen on: TCP, WebSockets (/ws) and WebRTC (/udp/…/webrtc-direct) are',
  ],
];

/** The node's own error for what `libp2p.start()` threw. */
export function listenFailure(error: unknown, listen: readonly string[]): HeliographError {
  const text = error instanceof Error ? error.message : String(error);
  for (const address of listen) {
    const failure = addressFailure(address, sectionOf(text, address, listen), error);
    if (failure !== null) return failure;
  }
  const firstLine = text.split('\n', 1)[0] ?? text;
  return new HeliographError('unavailable', `the node can't join the network: ${firstLine}`, {
    cause: error,
  });
}

/** The node's own error for one listen address, or null when this text names no reason known here. */
export function addressFailure(address: string, text: string, cause: unknown): HeliographError | null {
  const reason = REASONS.find(([pattern]) => pattern.test(text));
  if (reason === undefined) return null;
  const [, code, sentence] = reason;
  return new HeliographError(code, `the listen address ${address} ${sentence}`, { cause });
}

/** What the error says of one address: from its name to the next one's. */
function sectionOf(text: string, address: string, all: readonly string[]): string {
  const start = text.indexOf(`\n  ${address}: `);
  if (start < 0) return '';
  const ends = all.map((other) => text.indexOf(`\n  ${other}: `, start + 1)).filter((at) => at > start);
  return text.slice(start, Math.min(text.length, ...ends));
}
