/** The renditions of items whose manifests are stored here, for lists that must not wait for the network. */
import type { CID } from 'multiformats/cid';
import type { RenditionView } from '../../protocol/api.ts';
import { decodeManifest } from '../../protocol/manifest.ts';
import type { GatewayContent } from './bytes-by-cid.ts';
import { renditionView } from './views.ts';

const REMEMBERED = 2_000;
const READ_TIMEOUT_MS = 5_000;

/** Null when the manifest is not here. Reading many does not push out those that viewers are using. */
export function createRenditionsAtHand(content: Pick<GatewayContent, 'getBlock'>) {
  const known = new Map<string, RenditionView[]>();

  return async function renditionsAtHand(manifest: CID | null): Promise<RenditionView[] | null> {
    if (manifest === null) return null;
    const key = manifest.toString();
    const before = known.get(key);
    if (before !== undefined) return before;
    try {
      const block = await content.getBlock(manifest, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
      const views = decodeManifest(block)?.renditions.map(renditionView) ?? null;
      if (views !== null) known.set(key, views);
      const [oldest] = known.keys();
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
      return views;
    } catch {
      return null;
    }
  };
}

export type RenditionsAtHand = ReturnType<typeof createRenditionsAtHand>;
