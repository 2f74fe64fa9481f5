import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { takeAll } from '../../../node/network/take-all.ts';
import { channelRecord, manyItems, newKey } from './record-shelf.ts';

/** Takes a while over each record and notes when it began and ended. */
function slowly() {
  const events: string[] = [];
  const names = new Map<Uint8Array, string>();
  let most = 0;
  let now = 0;
  return {
    events,
    names,
    most: () => most,
    async take(record: Uint8Array) {
      most = Math.max(most, ++now);
      events.push(`+${names.get(record)}`);
      await delay(1);
      events.push(`-${names.get(record)}`);
      now -= 1;
      return true;
    },
  };
}

test('records are taken a few at a time, and all of them', async () => {
  const { take, events, most } = slowly();
  expect(await takeAll(manyItems(200), take)).toBe(true);
  expect(events).toHaveLength(400);
  expect(most()).toBe(32);
});

test('a channel is taken when what came before is done, and done before what comes after begins', async () => {
  const { take, events, names } = slowly();
  const items = manyItems(6);
  const channel = channelRecord(newKey(), 1);
  const records = [...items.slice(0, 3), channel, ...items.slice(3)];
  for (const [i, record] of records.entries()) names.set(record, record === channel ? 'channel' : `${i}`);
  await takeAll(records, take);
  const [began, ended] = [events.indexOf('+channel'), events.indexOf('-channel')];
  expect(events.slice(0, began).toSorted()).toEqual(['+0', '+1', '+2', '-0', '-1', '-2']);
  expect(ended).toBe(began + 1);
  expect(events.slice(ended + 1)).toHaveLength(6);
});

test('when one says stop, or fails, no more is begun and what was begun has ended', async () => {
  for (const fault of [async () => false, () => Promise.reject(new Error('no disk'))]) {
    let begun = 0;
    let ended = 0;
    const outcome = await takeAll(manyItems(200), async () => {
      begun += 1;
      if (begun === 10) return fault();
      await delay(2);
      ended += 1;
      return true;
    }).catch((error: Error) => error.message);
    expect([false, 'no disk']).toContain(outcome);
    expect(begun).toBeLessThanOrEqual(33);
    expect(ended).toBe(begun - 1);
  }
});
