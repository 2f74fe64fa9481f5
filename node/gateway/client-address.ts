/** The address that a request came from, behind a proxy of one's own or not. */
import type { IncomingMessage } from 'node:http';

/** With `trustProxy`, what the nearest proxy saw; a client can write anything before that. */
export function clientAddress(
  request: Pick<IncomingMessage, 'headers' | 'socket'>,
  trustProxy: boolean,
): string {
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const nearest = forwarded?.toString().split(',').at(-1)?.trim();
  return nearest || (request.socket.remoteAddress ?? '');
}
