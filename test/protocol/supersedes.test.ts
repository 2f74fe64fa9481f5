import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import type { ChannelRecord } from '../../protocol/records.ts';
import { supersedes } from '../../protocol/supersedes.ts';
import { signRecord, type Verified, verifyRecord } from '../../protocol/verified.ts';
import { channelRecord, NOW, rootSecret } from './sample-records.ts';

function verified(change: Partial<ChannelRecord>): Verified<ChannelRecord> {
  const verdict = verifyRecord(signRecord(channelRecord(change), rootSecret), { now: NOW });
  if (!verdict.ok) throw new Error(verdict.refusal.reason);
  return verdict.value as Verified<ChannelRecord>;
}

it('takes the higher seq, knows the same record, and sees a fork', () => {
  const held = verified({ seq: 5 });
  expect(supersedes(held, undefined)).toBe('newer');
  expect(supersedes(verified({ seq: 6 }), held)).toBe('newer');
  expect(supersedes(verified({ seq: 4 }), held)).toBe('lower-seq');
  expect(supersedes(verified({ seq: 5 }), held)).toBe('same');
  expect(supersedes(verified({ seq: 5, name: 'Another' }), held)).toBe('fork');
});

it('lets nothing come after a tombstone, and sees no fork between two', () => {
  const tombstone = verified({ seq: TOMBSTONE_SEQ, deleted: true, name: '' });
  expect(supersedes(verified({ seq: TOMBSTONE_SEQ - 1 }), tombstone)).toBe('lower-seq');
  expect(supersedes(verified({ seq: TOMBSTONE_SEQ, deleted: true, name: '', at: NOW - 9 }), tombstone)).toBe(
    'same',
  );
});

it('never goes back, in whatever order records come', () => {
  const pool = [0, 1, 2, 3].flatMap((seq) => [verified({ seq }), verified({ seq, name: `fork ${seq}` })]);
  fc.assert(
    fc.property(fc.array(fc.nat(pool.length - 1), { maxLength: 30 }), (order) => {
      let held: Verified<ChannelRecord> | undefined;
      let highest = -1;
      for (const index of order) {
        const candidate = pool[index];
        if (candidate === undefined) continue;
        if (supersedes(candidate, held) === 'newer') held = candidate;
        highest = Math.max(highest, candidate.record.seq);
        expect(held?.record.seq).toBe(highest);
      }
    }),
  );
});
