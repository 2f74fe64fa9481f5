/** Hands records on a few at a time, so that many share one write to the disk, and channels before their items. */
import { encode } from '@ipld/dag-cbor';
import { createTurns } from './event-loop-turns.ts';

const PARALLEL = 32;

/**
 * `"type": "channel"` as every channel record has it somewhere in its bytes. Elsewhere it may occur by chance or
 * malice, which costs a wait and no more.
 */
const CHANNEL_MARK = Buffer.concat([encode('type'), encode('channel')]);

/**
 * Resolves with true when all were taken, with false as soon as `take` said not to go on; either way nothing is under
 * way any more. Rejects with what `take` rejected with. A channel record is taken alone: items may be signed by keys
 * that it names.
 */
export async function takeAll(
  records: readonly Uint8Array[],
  take: (record: Uint8Array) => Promise<boolean>,
): Promise<boolean> {
  const turns = createTurns();
  const underWay = new Set<Promise<void>>();
  let goOn = true;
  const failures: unknown[] = [];

  function begin(record: Uint8Array): void {
    const one = take(record)
      .then((more) => {
        if (!more) goOn = false;
      })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(one));
    underWay.add(one);
  }

  for (const record of records) {
    const alone = Buffer.from(record.buffer, record.byteOffset, record.byteLength).includes(CHANNEL_MARK);
    if (alone) await Promise.all(underWay);
    else if (underWay.size >= PARALLEL) await Promise.race(underWay);
    if (!goOn || failures.length > 0) break;
    begin(record);
    if (alone) await Promise.all(underWay);
    await turns.yieldIfLong();
  }
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  return goOn;
}
