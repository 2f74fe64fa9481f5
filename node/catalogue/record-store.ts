/** Signed records on disk: each write is synced before anyone hears of it, and many waiting writes share one sync. */
import type { Level } from 'level';

interface Waiting {
  key: string;
  bytes: Uint8Array;
  done: () => void;
  failed: (error: unknown) => void;
}

export interface RecordStore {
  /** Resolves when the record is on disk, synced. Later writes of one key win. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  all(): AsyncIterable<[key: string, bytes: Uint8Array]>;
}

/** Records in a sublevel of the node's database. */
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
          group.map(({ key, bytes }) => ({ type: 'put', sublevel: records, key, value: bytes })),
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
    all: () => records.iterator(),
  };
}
