/** The swarms that this tracker serves: those of catalogued items that somebody here asked for, newest kept. */
import type { Manifest } from '../../protocol/manifest.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import { itemInfoHashes } from '../../protocol/swarm.ts';
import type { Verified } from '../../protocol/verified.ts';

/** Items remembered; a swarm of an item beyond these is admitted anew when a viewer names it. */
const MAX_ITEMS = 20_000;
const LOAD_TIMEOUT_MS = 15_000;

export interface KnownSwarmsOptions {
  catalogue: { item(id: string): Verified<ItemRecord> | undefined };
  manifests: {
    load(
      item: Verified<ItemRecord>,
      options: { signal: AbortSignal; fetch: boolean },
    ): Promise<{ manifest: Manifest }>;
  };
}

export function createKnownSwarms({ catalogue, manifests }: KnownSwarmsOptions) {
  /** Info hashes by manifest CID, in order of admission. */
  const byManifest = new Map<string, readonly string[]>();
  const hashes = new Set<string>();

  function admit(manifestCid: string, manifest: Manifest): void {
    const known = byManifest.get(manifestCid);
    const own = known ?? itemInfoHashes(manifestCid, manifest);
    byManifest.delete(manifestCid);
    byManifest.set(manifestCid, own);
    if (known !== undefined) return;
    for (const hash of own) hashes.add(hash);
    const [oldest] = byManifest;
    if (byManifest.size <= MAX_ITEMS || oldest === undefined) return;
    byManifest.delete(oldest[0]);
    for (const hash of oldest[1]) hashes.delete(hash);
  }

  return {
    /** Admits the swarms of an item whose manifest is at hand. */
    admit,

    /** Admits the swarms of an item by its id; does nothing when there is no such item or manifest. */
    async admitItem(id: string): Promise<void> {
      const item = catalogue.item(id);
      const cid = item?.record.manifest;
      if (item === undefined || cid == null || byManifest.has(cid.toString())) return;
      try {
        const signal = AbortSignal.timeout(LOAD_TIMEOUT_MS);
        const { manifest } = await manifests.load(item, { signal, fetch: true });
        admit(cid.toString(), manifest);
      } catch {
        // Without its manifest nobody can tell the item's swarms: they stay unknown, and the viewer is told so.
      }
    },

    has: (infoHash: string) => hashes.has(infoHash),
    size: () => hashes.size,
  };
}

export type KnownSwarms = ReturnType<typeof createKnownSwarms>;
