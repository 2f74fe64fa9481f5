/** How much a node keeps of what strangers announce: keys are free, so without limits a stranger fills its memory. */
import type { AnyRecord } from '../../protocol/records.ts';
import type { Refusal, Verified } from '../../protocol/verified.ts';
import { isLive, type Shelf } from './shelf.ts';

const MIB = 1024 * 1024;

export const limits = {
  channels: 20_000,
  items: 500_000,
  mirrorsOfAChannel: 200,
  /** Bytes of signed records. */
  bytes: 512 * MIB,
  bytesOfAChannel: 64 * MIB,
};

/** What the catalogue holds at the moment. */
export interface Load {
  channels: number;
  items: number;
  bytes: number;
}

/** Why there is no room for a record, or null. `replaced` is the record it would supersede. */
export function lackOfRoom(
  { record, bytes }: Verified<AnyRecord>,
  replaced: Verified<AnyRecord> | undefined,
  shelf: Shelf,
  load: Load,
  now: number,
): Refusal | null {
  const full = (what: string): Refusal => ({ code: 'full', reason: `there is no room for more ${what}` });
  if (record.type === 'mirror') {
    const live = [...shelf.mirrors.values()].filter((mirror) => isLive(mirror, now)).length;
    return replaced === undefined && live >= limits.mirrorsOfAChannel
      ? full('mirrors of this channel')
      : null;
  }
  if (replaced === undefined) {
    if (record.type === 'channel' && load.channels >= limits.channels) return full('channels');
    if (record.type === 'item' && load.items >= limits.items) return full('items');
  }
  const more = bytes.byteLength - (replaced?.bytes.byteLength ?? 0);
  if (more <= 0) return null;
  if (load.bytes + more > limits.bytes) return full('records');
  return shelf.bytes + more > limits.bytesOfAChannel ? full('records of this channel') : null;
}
