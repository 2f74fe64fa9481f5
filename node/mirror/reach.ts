/** Under which HTTP addresses others can reach this node's gateway. Pure. */

export interface Listener {
  /** The base its owner says it has from outside. */
  publicUrl: string | undefined;
  host: string;
  port: number;
}

/**
 * HTTP bases to announce. An owner's word counts alone. A gateway on all interfaces is offered under each address;
 * one on loopback only where the whole node is on loopback, for then so is everyone who can hear it.
 */
export function httpBases(
  listener: Listener,
  interfaceAddresses: readonly string[],
  loopbackOnly: boolean,
): string[] {
  if (listener.publicUrl !== undefined) return [listener.publicUrl];
  const base = (host: string) => `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  if (isAny(listener.host)) return loopbackOnly ? [base('127.0.0.1')] : interfaceAddresses.map(base);
  if (isLoopback(listener.host)) return loopbackOnly ? [base(listener.host)] : [];
  return [base(listener.host)];
}

/** The WebTorrent trackers at these HTTP bases. */
export function trackerUrls(bases: readonly string[]): string[] {
  return bases.map((base) => `${base.replace(/^http/, 'ws')}/tracker`);
}

/** Whether every one of these libp2p multiaddrs is on this machine alone. */
export function allLoopback(multiaddrs: readonly string[]): boolean {
  return multiaddrs.every((address) => /^\/ip4\/127\.|^\/ip6\/::1\/|^\/dns\w*\/localhost\//.test(address));
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
