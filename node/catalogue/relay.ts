/** What a node does with a record that came by gossip, by how the catalogue took it. Pure. */
import type { RefusalCode } from '../../protocol/verified.ts';
import type { Acceptance } from './catalogue.ts';

/**
 * No honest node sends these: they are held against the sender. Every other refusal depends on what a node knows
 * or on its clock, and is dropped quietly.
 */
const dishonest: ReadonlySet<RefusalCode> = new Set([
  'too-large',
  'not-canonical',
  'malformed',
  'bad-signature',
  'wrong-key',
]);

/** `accept` relays the record, `ignore` drops it, `reject` drops it and counts against its sender. */
export function relayVerdict(acceptance: Acceptance): 'accept' | 'ignore' | 'reject' {
  if (acceptance.outcome !== 'refused') return acceptance.outcome === 'kept' ? 'accept' : 'ignore';
  return dishonest.has(acceptance.refusal.code) ? 'reject' : 'ignore';
}
