/** Writes down, in a page, the hash of every piece of media that reaches a video element; the page cannot tell. */
import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import type { ItemView } from '../../protocol/api.ts';
import { decodeManifest, decodeSegmentList } from '../../protocol/manifest.ts';

declare global {
  interface Window {
    appended: Promise<string>[];
  }
}

/** From now on pages of this context keep the SHA-256 of whatever is appended to a source buffer. */
export async function recordAppended(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.appended = [];
    const append = SourceBuffer.prototype.appendBuffer;
    SourceBuffer.prototype.appendBuffer = function (data) {
      const bytes = ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
        : new Uint8Array(data).slice();
      const hash = crypto.subtle
        .digest('SHA-256', bytes)
        .then((digest) =>
          Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join(''),
        );
      window.appended.push(hash);
      return append.call(this, data);
    };
  });
}

export function appendedHashes(page: Page): Promise<string[]> {
  return page.evaluate(() => Promise.all(window.appended));
}

export interface TrueMedia {
  /** The SHA-256 of every segment and initialization section. */
  hashes: Set<string>;
  /** CIDs of segments. */
  segments: Set<string>;
}

/** What an item truly consists of, read from a node that tells the truth. */
export async function trueMedia(gateway: string, item: string): Promise<TrueMedia> {
  const bytes = async (path: string) =>
    new Uint8Array(await (await fetch(`${gateway}${path}`)).arrayBuffer());
  const view = (await (await fetch(`${gateway}/api/v1/items/${item}`)).json()) as ItemView;
  const manifest = decodeManifest(await bytes(`/ipfs/${view.manifest}?format=raw`));
  const hashes = new Set<string>();
  const segments = new Set<string>();
  for (const rendition of manifest?.renditions ?? []) {
    const list = decodeSegmentList(await bytes(`/ipfs/${rendition.list}?format=raw`));
    for (const [cid] of list?.segments ?? []) segments.add(cid.toString());
    const cids = [list?.init?.cid, ...(list?.segments ?? []).map(([cid]) => cid)];
    for (const cid of cids) {
      if (cid)
        hashes.add(
          createHash('sha256')
            .update(await bytes(`/ipfs/${cid}`))
            .digest('hex'),
        );
    }
  }
  return { hashes, segments };
}
