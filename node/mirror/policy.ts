/** The policy of mirroring: which items of the followed channels a node should hold under its byte budgets. Pure. */

export interface Candidate {
  channel: string;
  item: string;
  /** When it was published, milliseconds since 1970. */
  at: number;
  /** Bytes it takes; undefined while its manifest is not at hand. */
  bytes: number | undefined;
}

export interface Budgets {
  /** Bytes for all channels together. */
  total: number;
  /** Bytes for one channel; absent or null means only the total counts. */
  perChannel: ReadonlyMap<string, number | null>;
}

export interface Plan {
  /** Items to hold, most wanted first. */
  hold: Candidate[];
  /** Items that do not fit. */
  skip: Candidate[];
}

/**
 * Newest first, turn by turn between channels, so that one large channel does not push out the others. An item of
 * unknown size is planned for, because its manifest must be fetched to know. What does not fit is passed over for
 * smaller ones behind it.
 */
export function planMirror(candidates: readonly Candidate[], budgets: Budgets): Plan {
  const queues = new Map<string, Candidate[]>();
  for (const candidate of candidates.toSorted((a, b) => b.at - a.at || (a.item < b.item ? -1 : 1))) {
    const queue = queues.get(candidate.channel);
    if (queue) queue.push(candidate);
    else queues.set(candidate.channel, [candidate]);
  }
  const plan: Plan = { hold: [], skip: [] };
  const used = new Map<string, number>();
  let total = 0;
  while (queues.size > 0) {
    for (const [channel, queue] of queues) {
      const candidate = queue.shift();
      if (candidate === undefined) {
        queues.delete(channel);
        continue;
      }
      const bytes = candidate.bytes ?? 0;
      const ofChannel = (used.get(channel) ?? 0) + bytes;
      const room = budgets.perChannel.get(channel) ?? Number.POSITIVE_INFINITY;
      if (total + bytes > budgets.total || ofChannel > room) {
        plan.skip.push(candidate);
      } else {
        total += bytes;
        used.set(channel, ofChannel);
        plan.hold.push(candidate);
      }
    }
  }
  return plan;
}
