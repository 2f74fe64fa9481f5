/** Whether a request was meant for this studio: its Host is one of ours, and the page that sent it came from there. */
import { HeliographError } from '../errors.ts';

const ownHosts = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Throws `forbidden` for a Host that is not ours (a stranger's name made to point here) and for an Origin that is not
 * that very host (a page from elsewhere that sends requests here). `hosts`: further names, with or without a port.
 */
export function requireSameSite(
  headers: { host?: string; origin?: string | string[] },
  hosts: readonly string[],
): void {
  const host = parseHost(headers.host);
  if (host === null) throw new HeliographError('forbidden', 'the request names no host');
  const allowed = [...ownHosts, ...hosts].some((each) => {
    const name = each.toLowerCase();
    return name === host.name || name === host.whole;
  });
  if (!allowed) {
    const message = 'this studio does not answer to that host name; add it to studio.hosts if it is yours';
    throw new HeliographError('forbidden', message);
  }
  const { origin } = headers;
  if (origin === undefined) return;
  if (
    !URL.canParse(String(origin)) ||
    new URL(String(origin)).host !== withoutDefaultPort(host.whole, origin)
  ) {
    throw new HeliographError('forbidden', 'requests from other sites are refused');
  }
}

function parseHost(header: string | undefined): { name: string; whole: string } | null {
  const found = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::\d{1,5})?$/i.exec(header ?? '');
  return found?.[1] ? { name: found[1].toLowerCase(), whole: found[0].toLowerCase() } : null;
}

/** A URL drops the port that its scheme implies; a Host header may still say it. */
function withoutDefaultPort(host: string, origin: string | string[]): string {
  return host.replace(String(origin).startsWith('https:') ? /:443$/ : /:80$/, '');
}
