/** Opens one item for playing: its channel's signed records, its record among them, its manifest, and who to read it from. */
import { WebError } from '../errors.ts';
import { findItem } from './channel-state.ts';
import { memory, mirrorBases, readChannel } from './read-channel.ts';
import { readItem } from './read-item.ts';
import { readerFor } from './reader-for.ts';

/** Throws WebError (not-found, no-source, not-valid, unreachable, timed-out, stopped). */
export async function openItem(channel: string, id: string, signal: AbortSignal) {
  const state = await readChannel(channel, signal);
  const item = findItem(state, id);
  if (item === undefined) throw new WebError('not-found', `channel ${channel} lists no item ${id}`);
  const reader = readerFor(mirrorBases(state), (base) => memory.rememberWorking(channel, base));
  const read = await readItem(item, reader, signal);
  return { state, item, reader, read };
}

export type OpenedItem = Awaited<ReturnType<typeof openItem>>;
