/** Which of the mirrors that anyone may name are tried: some that have worked, the rest by lot. Pure: the seed is an argument. */

/** Mirrors tried for one item, and remembered for one channel. */
export const MOST_MIRRORS = 8;
/** Of the places, one in so many is always drawn by lot, so that those that worked once cannot shut out all others. */
const LOT_SHARE = 4;

interface Choice {
  /** Bases that gave true bytes before, the latest first. */
  working: readonly string[];
  most: number;
  /** Any whole number; the same one chooses the same of the same. Unknown to those who name mirrors. */
  seed: number;
}

/** At most `most` of these whole addresses, one per origin: who signs a thousand mirror records gains a place, not all. */
export function chooseMirrors(bases: readonly string[], { working, most, seed }: Choice): string[] {
  const proven = onePerOrigin(working.filter((base) => bases.includes(base)));
  const lot = onePerOrigin(byLot(bases, seed)).filter((base) => !proven.includes(base));
  const forLot = Math.min(lot.length, Math.ceil(most / LOT_SHARE));
  return onePerOrigin([...proven.slice(0, most - forLot), ...lot]).slice(0, most);
}

/** The same addresses in an order that only the seed and each address decide. */
export function byLot(addresses: readonly string[], seed: number): string[] {
  return addresses
    .map((address) => ({ address, rank: rankOf(address, seed) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ address }) => address);
}

function onePerOrigin(bases: readonly string[]): string[] {
  const origins = new Map<string, string>();
  for (const base of bases) {
    const { origin } = new URL(base);
    if (!origins.has(origin)) origins.set(origin, base);
  }
  return [...origins.values()];
}

/** FNV-1a begun at the seed, then mixed, for its last bytes alone would decide the highest bits. */
function rankOf(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
