/** Signed records on disk: each write is synced before anyone hears of it, and many waiting writes share one sync. */
import { createHash } from 'node:crypto';
import type { Level } from 'level';

const DIGEST_BYTES = 32;

interface Waiting {
  key: string;
  bytes: Uint8Array;
  done: () => void;
  failed: (error: unknown) => void;
}

export interface RecordStore {
  /** Resolves when the record is on disk, synced. Later writes of one key win. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Every record; null for one that does not read back as it was written. */
  all(): AsyncIterable<[key: string, bytes: Uint8Array | null]>;
}

/**
 * Records in a sublevel of the node's database. Each is stored behind its sha-256, so that a start need not check
 * ten thousand signatures again to know that the disk has kept them.
 */
export function createRecordStore(db: Level<string, unknown>): RecordStore {
  const records = db.sublevel<string, Uint8Array>('records', { valueEncoding: 'view' });
  let waiting: Waiting[] = [];
  let writing = false;

  async function flush(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await db.batch<string, Uint8Array>(
          group.map(({ key, bytes }) => ({
            type: 'put',
            sublevel: records,
            key,
            value: behindDigest(bytes),
          })),
          { sync: true },
        );
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    writing = false;
  }

  return {
    put(key, bytes) {
      return new Promise((done, failed) => {
        waiting.push({ key, bytes, done, failed });
        if (!writing) void flush();
      });
    },

    async *all() {
      for await (const [key, value] of records.iterator()) {
        const bytes = value.subarray(DIGEST_BYTES);
        const whole = Buffer.compare(sha256(bytes), value.subarray(0, DIGEST_BYTES)) === 0;
        yield [key, whole ? bytes : null];
      }
    },
  };
}

function behindDigest(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([sha256(bytes), bytes]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
