/** The answering side of a sync exchange: sends every record that the other side lacks, a frame each time it asks. */
import { MAX_SYNC_RECORDS } from '../../protocol/constants.ts';
import { decodeSyncRequest, encodeSyncFrame } from '../../protocol/sync.ts';
import { hasFewItems } from './cbor-items.ts';
import { createTurns } from './event-loop-turns.ts';
import type { SyncStream } from './sync-stream.ts';

/** Well below what a frame may have, so that neither side holds or checks much at one time. */
const FRAME_BYTES = 256 * 1024;
const FRAME_RECORDS = 512;
/** A request that names as many channels as there may be (a pair is three items), and its few keys. */
const MAX_REQUEST_ITEMS = 3 * 10_000 + 16;

export interface RecordSource {
  /** Every channel held, with `channelDigest` of its records. */
  digests(): AsyncIterable<[channelId: string, digest: Uint8Array]>;
  /** The signed records of every channel whose digest is absent from `have` or another there. */
  beyond(have: ReadonlyMap<string, Uint8Array>): AsyncIterable<Uint8Array>;
}

/** Runs one exchange to its end and gives the number of records sent. */
export async function serveRecords(
  stream: SyncStream,
  source: Pick<RecordSource, 'beyond'>,
): Promise<number> {
  const message = await stream.read();
  const request = hasFewItems(message, MAX_REQUEST_ITEMS) ? decodeSyncRequest(message) : null;
  if (request === null) throw new Error('the peer sent a request that is none');
  const turns = createTurns();
  let records: Uint8Array[] = [];
  let bytes = 0;
  let sent = 0;
  for await (const record of source.beyond(new Map(request.have))) {
    if (bytes + record.byteLength > FRAME_BYTES || records.length === FRAME_RECORDS) {
      await stream.write(encodeSyncFrame({ v: 1, records, done: false }));
      sent += records.length;
      records = [];
      bytes = 0;
      await stream.askedOn();
    }
    if (sent + records.length === MAX_SYNC_RECORDS) break;
    records.push(record);
    bytes += record.byteLength;
    await turns.yieldIfLong();
  }
  await stream.write(encodeSyncFrame({ v: 1, records, done: true }));
  return sent + records.length;
}
