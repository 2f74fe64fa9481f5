/** The WebTorrent trackers where viewers of an item meet: this gateway's first, and a few that mirror records name. Pure. */
import { byLot } from '../verify/choose-mirrors.ts';
import { mayTurnTo } from '../verify/public-address.ts';

/** Any key can sign a mirror record, so these may be anybody's: few, and drawn by lot. */
const MOST_OTHERS = 3;

interface Page {
  origin: string;
  protocol: string;
}

/**
 * WebSocket addresses for this item: the own gateway's, then at most 3 others, one per host.
 * Never ws on an https page, and never an address of a local network on a public page.
 */
export function trackerUrls(
  item: string,
  fromMirrors: readonly string[],
  page: Page,
  seed: number,
): string[] {
  const own = new URL(`${page.origin.replace(/^http/, 'ws')}/tracker`);
  const byHost = new Map([[own.host, own]]);
  for (const text of byLot(fromMirrors, seed)) {
    if (byHost.size > MOST_OTHERS) break;
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url !== null && isUsable(url, page) && !byHost.has(url.host)) byHost.set(url.host, url);
  }
  return [...byHost.values()].map((url) => {
    url.searchParams.set('item', item);
    return url.href;
  });
}

function isUsable(url: URL, page: Page): boolean {
  const schemes = page.protocol === 'https:' ? ['wss:'] : ['ws:', 'wss:'];
  return schemes.includes(url.protocol) && mayTurnTo(url, page);
}
