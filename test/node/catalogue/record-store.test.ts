import { Level } from 'level';
import { expect, it } from 'vitest';
import { createRecordStore } from '../../../node/catalogue/record-store.ts';
import { atEnd, tempDir } from '../content/open-content.ts';

async function openStore() {
  const db = new Level<string, unknown>(await tempDir(), { valueEncoding: 'json' });
  atEnd(() => db.close());
  return { db, store: createRecordStore(db) };
}

async function keys(store: ReturnType<typeof createRecordStore>): Promise<string[]> {
  const found: string[] = [];
  for await (const [key, bytes] of store.all()) if (bytes) found.push(key);
  return found;
}

it('gives back what was put, the last of each key', async () => {
  const { store } = await openStore();
  await Promise.all([
    store.put('a', Uint8Array.of(1)),
    store.put('b', Uint8Array.of(2)),
    store.put('a', Uint8Array.of(3)),
  ]);
  const found: [string, number[]][] = [];
  for await (const [key, bytes] of store.all()) found.push([key, [...(bytes ?? [])]]);
  expect(found).toEqual([
    ['a', [3]],
    ['b', [2]],
  ]);
});

it('leaves out a record with one flipped bit, or cut short', async () => {
  const { db, store } = await openStore();
  for (const key of ['good', 'flipped', 'short']) await store.put(key, new Uint8Array(100).fill(7));
  const records = db.sublevel<string, Uint8Array>('records', { valueEncoding: 'view' });
  const flipped = Uint8Array.from((await records.get('flipped')) ?? []);
  flipped[80] = 6;
  await records.put('flipped', flipped);
  await records.put('short', ((await records.get('short')) ?? new Uint8Array()).subarray(0, 90));
  expect(await keys(store)).toEqual(['good']);
});
