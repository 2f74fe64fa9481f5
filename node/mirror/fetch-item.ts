/** Brings one item whole into the store: manifest, segment lists, every file, the plain folder; then pins it. */
import type { CID } from 'multiformats/cid';
import type { FileRef, Manifest, SegmentList } from '../../protocol/manifest.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Manifests } from '../catalogue/manifests.ts';
import type { Content } from '../content/content.ts';

/** The longest wait for an item's structure, once its files are here. */
const PIN_TIMEOUT_MS = 10 * 60_000;

/** Bytes that an item's manifest, segment lists and folders may have, next to so many bytes of files. */
function structureLimit(fileBytes: number): number {
  return 4 * 1024 * 1024 + Math.ceil(0.04 * fileBytes);
}

export interface ItemFiles {
  manifest: Manifest;
  files: FileRef[];
  /** Bytes of all files together. */
  bytes: number;
}

/** Every file of an item, each once, in the order in which a viewer would want them. */
export async function listItemFiles(
  item: Verified<ItemRecord>,
  manifests: Manifests,
  signal: AbortSignal,
): Promise<ItemFiles> {
  const { manifest } = await manifests.load(item, { signal, fetch: true });
  const lists: SegmentList[] = [];
  for (const { id } of manifest.renditions)
    lists.push(await manifests.list(item, id, { signal, fetch: true }));
  const files = new Map<string, FileRef>();
  const add = (ref: FileRef | null | undefined) => ref && files.set(ref.cid.toString(), ref);
  add(manifest.poster);
  add(manifest.storyboard?.vtt);
  for (const image of manifest.storyboard?.images ?? []) add(image);
  for (const list of lists) add(list.init);
  const longest = Math.max(...lists.map((list) => list.segments.length));
  for (let index = 0; index < longest; index++) {
    for (const list of lists) {
      const segment = list.segments[index];
      if (segment) add({ cid: segment[0], size: segment[1] });
    }
  }
  const all = [...files.values()];
  return { manifest, files: all, bytes: all.reduce((sum, { size }) => sum + size, 0) };
}

/**
 * Fetches and pins an item. Throws `disk-full`, `timeout` or what the network gave; what came so far stays in the
 * store unpinned, so that trying again goes on where it ended.
 */
export async function fetchItem(
  manifestCid: CID,
  { files, bytes }: ItemFiles,
  options: {
    content: Pick<Content, 'fetchFile' | 'pin' | 'sync'>;
    parallel: number;
    /** Multiaddrs of nodes that say they hold it. */
    providers: readonly string[];
    /** Longest wait for one file, in milliseconds. */
    fileTimeout: number;
    signal: AbortSignal;
    onFile: (ref: FileRef) => void;
  },
): Promise<void> {
  const { content, signal } = options;
  const queue = files.values();
  const ended = new AbortController();
  const worker = async () => {
    for (const ref of queue) {
      const limit = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(options.fileTimeout)]);
      await content.fetchFile(ref, { signal: limit, providers: options.providers });
      options.onFile(ref);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.parallel }, worker));
  } finally {
    ended.abort();
  }
  // Every listed file is here: what a pin may still bring is manifest, lists and folders.
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(PIN_TIMEOUT_MS)]);
  await content.pin(manifestCid, { signal: deadline, fetch: true, limit: structureLimit(bytes) });
  await content.sync();
}
