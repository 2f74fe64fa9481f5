/** How peers have behaved: who sends bad records is shunned for a time, and nobody may send faster than the limit. */

/** Bad records by which a peer is shunned. */
const STRIKES = 2;
/** A strike is forgotten, and a shunned peer heard again, after this long, in milliseconds. */
const MEMORY_MS = 10 * 60_000;
/** Records a peer may send by gossip: so many at once, and so many more in each second. */
const BURST = 400;
const PER_SECOND = 40;
/** Peers remembered; beyond it the longest unheard are forgotten first. */
const MAX_PEERS = 4096;

interface Conduct {
  strikes: number;
  struckAt: number;
  tokens: number;
  heardAt: number;
}

export interface Standing {
  /** Counts a bad record against a peer. */
  strike(peer: string): void;
  shunned(peer: string): boolean;
  /** Takes one record from the peer's allowance; false when it has none left. */
  allow(peer: string): boolean;
}

/** It outlives connections: gossipsub's own scores begin anew with every reconnect. `now` in milliseconds. */
export function createStanding(now: () => number): Standing {
  const peers = new Map<string, Conduct>();

  function conduct(peer: string): Conduct {
    const at = now();
    const known = peers.get(peer) ?? { strikes: 0, struckAt: 0, tokens: BURST, heardAt: at };
    if (at - known.struckAt > MEMORY_MS) known.strikes = 0;
    known.tokens = Math.min(BURST, known.tokens + ((at - known.heardAt) * PER_SECOND) / 1000);
    known.heardAt = at;
    // Re-inserting keeps the map in order of last use.
    peers.delete(peer);
    peers.set(peer, known);
    if (peers.size > MAX_PEERS) forgetOne();
    return known;
  }

  function forgetOne(): void {
    const [longestUnheard] = peers.keys();
    if (longestUnheard !== undefined) peers.delete(longestUnheard);
  }

  return {
    strike(peer) {
      const record = conduct(peer);
      record.strikes += 1;
      record.struckAt = now();
    },
    shunned(peer) {
      const record = peers.get(peer);
      return record !== undefined && record.strikes >= STRIKES && now() - record.struckAt <= MEMORY_MS;
    },
    allow(peer) {
      const record = conduct(peer);
      if (record.tokens < 1) return false;
      record.tokens -= 1;
      return true;
    },
  };
}
