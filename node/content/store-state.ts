/** What is known of the block files without looking at them: how many bytes, until when flushed, whether stopped well. */
import type { Level } from 'level';

const KEY = '/heliograph/blocks';

export interface StoreState {
  bytes: number;
  /** Wall time, milliseconds: everything written before is on the disk. */
  flushedAt: number;
  isClean: boolean;
}

/** What was saved last; an unclean, empty one for a store that never saved any. */
export async function loadStoreState(db: Level<string, Uint8Array>): Promise<StoreState> {
  const unknown = { bytes: 0, flushedAt: 0, isClean: false };
  const saved = await db.get(KEY);
  if (saved === undefined) return unknown;
  try {
    const { bytes, flushedAt, isClean } = JSON.parse(Buffer.from(saved).toString());
    return { bytes: Number(bytes) || 0, flushedAt: Number(flushedAt) || 0, isClean: isClean === true };
  } catch {
    return unknown;
  }
}

export async function saveStoreState(db: Level<string, Uint8Array>, state: StoreState): Promise<void> {
  await db.put(KEY, Buffer.from(JSON.stringify(state)), { sync: true });
}
