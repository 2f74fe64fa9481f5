/** HOST:PORT of a listener as people write it. */
import { InvalidArgumentError } from 'commander';

export interface Endpoint {
  /** Left out when only a port was written. */
  host?: string;
  port: number;
}

const ENDPOINT = /^(?:(?:\[([\da-f:.]+)\]|([^:[\]\s]*)):)?(\d{1,5})$/i;

/** Reads `127.0.0.1:8080`, `[::1]:8080`, `:8080` or `8080`. Throws `InvalidArgumentError`. */
export function parseEndpoint(text: string): Endpoint {
  const match = ENDPOINT.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) {
    throw new InvalidArgumentError('Write it like 127.0.0.1:8080, [::1]:8080 or 8080.');
  }
  const host = match[1] ?? match[2];
  return host ? { host, port } : { port };
}
