import { describe, expect, it } from 'vitest';
import { channelId } from '../../../protocol/channel-id.ts';
import { TOMBSTONE_SEQ } from '../../../protocol/constants.ts';
import { itemId } from '../../../protocol/item-id.ts';
import { signRecord } from '../../../protocol/verified.ts';
import { channelState, findItem } from '../../../web/verify/channel-state.ts';
import {
  channelRecord,
  editorKey,
  editorSecret,
  itemRecord,
  mirrorRecord,
  NOW,
  nodeSecret,
  rootKey,
  rootSecret,
  strangerSecret,
} from '../../protocol/sample-records.ts';

const id = channelId(rootKey);
const film = itemId(rootKey, itemRecord().nonce);
const nothingSeen = { now: NOW, seen: new Map<string, number>() };
const channel = (change = {}) => signRecord(channelRecord(change), rootSecret);
const item = (change = {}, secret = rootSecret) => signRecord(itemRecord(change), secret);

function stateOf(records: Uint8Array[], context = nothingSeen) {
  return channelState(id, [{ source: 'gateway', records }], context);
}

describe('a channel from an honest gateway', () => {
  it('has its record, its items newest first, and its living mirrors', () => {
    const mirror = signRecord(mirrorRecord({ at: NOW - 1, until: NOW + 60_000 }), nodeSecret);
    const older = item({ nonce: new Uint8Array(16).fill(3), at: NOW - 9_000, title: 'Older' });
    const state = stateOf([older, mirror, item(), channel()]);
    expect(state.channel?.record.name).toBe('Sunlight Television');
    expect(state.items.map(({ record }) => record.title)).toEqual(['Big Buck Bunny', 'Older']);
    expect(state.mirrors).toHaveLength(1);
    expect(state).toMatchObject({ refused: [], rolledBack: false, forked: false });
    expect(findItem(state, film)?.record.title).toBe('Big Buck Bunny');
  });

  it('has what an editor signed, in whatever order the records come', () => {
    const keys = [{ key: editorKey, scope: 'editor' as const, until: NOW + 1 }];
    const state = stateOf([item({}, editorSecret), channel({ keys })]);
    expect(state.items).toHaveLength(1);
    expect(state.refused).toEqual([]);
  });
});

describe('a lying gateway', () => {
  it('cannot swap a record for a stranger’s', () => {
    const state = stateOf([channel(), item({ title: 'Swapped' }, strangerSecret)]);
    expect(state.items).toEqual([]);
    expect(state.refused).toEqual([{ source: 'gateway', code: 'not-editor' }]);
  });

  it('cannot give another channel’s records for this one', () => {
    const stranger = channelState(
      channelId(editorKey),
      [{ source: 'gateway', records: [channel(), item()] }],
      nothingSeen,
    );
    expect(stranger.channel).toBeNull();
    expect(stranger.items).toEqual([]);
    expect(stranger.refused.map(({ code }) => code)).toEqual(['other-channel', 'other-channel']);
  });

  it('cannot truncate or alter a record', () => {
    const whole = item();
    const altered = whole.slice();
    const at = altered.length - 80;
    altered[at] = (altered[at] ?? 0) ^ 1;
    const state = stateOf([channel(), whole.slice(0, -1), altered]);
    expect(state.items).toEqual([]);
    expect(state.refused).toHaveLength(2);
  });

  it('cannot replay an older record unnoticed', () => {
    const newest = stateOf([channel({ seq: 9 }), item({ seq: 4 })]);
    const replayed = stateOf([channel({ seq: 8 }), item({ seq: 4 })], { now: NOW, seen: newest.seen });
    expect(newest.rolledBack).toBe(false);
    expect(replayed.rolledBack).toBe(true);
    expect(replayed.seen.get(`channel/${id}`)).toBe(9);
  });

  it('cannot hold an item back unnoticed, once it was seen', () => {
    const { seen } = stateOf([channel(), item()]);
    expect(stateOf([channel()], { now: NOW, seen }).rolledBack).toBe(true);
  });

  it('cannot bring back what the publisher took down', () => {
    const gone = item({ seq: TOMBSTONE_SEQ, deleted: true, manifest: null, folder: null, poster: null });
    const { seen, items } = stateOf([channel(), gone]);
    expect(items).toEqual([]);
    const replayed = stateOf([channel(), item()], { now: NOW, seen });
    expect(replayed.items).toEqual([]);
    expect(replayed.rolledBack).toBe(true);
  });

  it('is outvoted by one mirror that is up to date', () => {
    const { seen } = stateOf([channel({ seq: 9 })]);
    const batches = [
      { source: 'gateway', records: [channel({ seq: 8, name: 'Old' })] },
      { source: 'mirror', records: [channel({ seq: 9, name: 'New' })] },
    ];
    const state = channelState(id, batches, { now: NOW, seen });
    expect(state.channel?.record.name).toBe('New');
    expect(state.rolledBack).toBe(false);
  });
});

it('flags two different records of one number, and keeps the same one in either order', () => {
  const [one, two] = [channel({ name: 'One' }), channel({ name: 'Two' })];
  const [there, back] = [stateOf([one, two]), stateOf([two, one])];
  expect(there.forked && back.forked).toBe(true);
  expect(there.channel?.cid).toEqual(back.channel?.cid);
});

it('says that a channel ended', () => {
  const state = stateOf([channel({ seq: TOMBSTONE_SEQ, deleted: true })]);
  expect(state).toMatchObject({ channel: null, deleted: true });
});
