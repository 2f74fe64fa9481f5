/** Which of two records with one key wins: the higher seq, and two with one seq are proof of a stolen key. */
import { sameBytes } from './canonical.ts';
import type { AnyRecord } from './records.ts';
import type { Verified } from './verified.ts';

export type Standing = 'newer' | 'same' | 'lower-seq' | 'fork';

/** How a candidate stands to the record that is held; both must have the same `recordKey`. */
export function supersedes(candidate: Verified<AnyRecord>, held: Verified<AnyRecord> | undefined): Standing {
  if (held === undefined) return 'newer';
  if (sameBytes(candidate.bytes, held.bytes)) return 'same';
  if (candidate.record.seq > held.record.seq) return 'newer';
  if (candidate.record.seq < held.record.seq) return 'lower-seq';
  return isTombstone(candidate.record) && isTombstone(held.record) ? 'same' : 'fork';
}

function isTombstone(record: AnyRecord): boolean {
  return record.type !== 'mirror' && record.deleted;
}
