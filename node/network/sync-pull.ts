/** The asking side of a sync exchange: says what is here, takes in what the other has beyond it. */
import { MAX_SYNC_RECORDS } from '../../protocol/constants.ts';
import { decodeSyncFrame, encodeSyncRequest } from '../../protocol/sync.ts';
import { hasFewItems } from './cbor-items.ts';
import { createTurns } from './event-loop-turns.ts';
import type { RecordSource } from './sync-serve.ts';
import type { SyncStream } from './sync-stream.ts';
import { takeAll } from './take-all.ts';

/** Channels named in a request; what is beyond is sent again by the other side and known here. */
const MAX_HAVE = 10_000;
/** A frame of as many records as there may be, and its few keys. */
const MAX_FRAME_ITEMS = 4096 + 16;

/** The peer broke the protocol's rules: it is not asked again before it reconnects. */
export class SyncViolation extends Error {
  override readonly name = 'SyncViolation';
}

/**
 * Runs one exchange to its end and gives the number of records taken in. `take` gets them a few at a time and says
 * whether to go on. Throws SyncViolation when the peer sends what no honest one would.
 */
export async function pullRecords(
  stream: SyncStream,
  source: Pick<RecordSource, 'digests'>,
  take: (record: Uint8Array) => Promise<boolean>,
): Promise<number> {
  const turns = createTurns();
  const have: [string, Uint8Array][] = [];
  for await (const entry of source.digests()) {
    have.push(entry);
    if (have.length === MAX_HAVE) break;
    await turns.yieldIfLong();
  }
  await stream.write(encodeSyncRequest({ v: 1, have }));
  let taken = 0;
  for (;;) {
    const message = await stream.read();
    const frame = hasFewItems(message, MAX_FRAME_ITEMS) ? decodeSyncFrame(message) : null;
    if (frame === null) throw new SyncViolation('it sent a frame that is none');
    if (frame.records.length === 0 && !frame.done) throw new SyncViolation('it sent an empty frame');
    if (taken + frame.records.length > MAX_SYNC_RECORDS) throw new SyncViolation('it sent too many records');
    // Asked for before this frame is worked off, so that the next one is on its way meanwhile.
    if (!frame.done) await stream.askOn();
    await turns.yieldIfLong();
    if (!(await takeAll(frame.records, take))) throw new SyncViolation('it sent records that nobody signed');
    taken += frame.records.length;
    if (frame.done) return taken;
  }
}
