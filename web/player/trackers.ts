/** The WebTorrent trackers where viewers of an item meet: this gateway's and the channel mirrors', never a stranger's. */

const MOST = 4;

interface Page {
  origin: string;
  protocol: string;
}

/** WebSocket addresses for this item; ws only on a page that is not https. */
export function trackerUrls(item: string, fromMirrors: readonly string[], page: Page): string[] {
  const own = `${page.origin.replace(/^http/, 'ws')}/tracker`;
  const urls = new Set<string>();
  for (const text of [own, ...fromMirrors]) {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !['ws:', 'wss:'].includes(url.protocol)) continue;
    if (page.protocol === 'https:' && url.protocol !== 'wss:') continue;
    url.searchParams.set('item', item);
    urls.add(url.href);
  }
  return [...urls].slice(0, MOST);
}
