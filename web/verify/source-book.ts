/** Which node to ask next: keeps score of gateways and mirrors by speed, silence and lies. Pure: time is an argument. */
import { MOST_MIRRORS } from './choose-mirrors.ts';
import { mayTurnTo } from './public-address.ts';

/** `wrong-bytes`: it sent what was not signed. `missing`: it has not got this one. `unreachable`: no or no whole answer. */
export type SourceFault = 'wrong-bytes' | 'missing' | 'unreachable';

export interface SourceStanding {
  /** HTTP base without a slash at the end. */
  base: string;
  isOwn: boolean;
  /** Milliseconds per MiB, smoothed; null before the first answer. */
  pace: number | null;
  /** Not asked before this time while another can be. */
  restsUntil: number;
  faultsInRow: number;
  refused: number;
  /** Gave true bytes at least once. */
  hasWorked: boolean;
}

const MIB = 1024 * 1024;
const OWN_PACE_GUESS = 0;
const MIRROR_PACE_GUESS = 1_500;
const LIE_REST_MS = 10 * 60_000;
const LONGEST_LIE_REST_MS = 60 * 60_000;
const SILENCE_REST_MS = 2_000;
const LONGEST_SILENCE_REST_MS = 60_000;
/** Anyone may name a mirror: one that never worked is asked again only when nothing better is left. */
const STRANGER_REST_MS = 10 * 60_000;
const LONGEST_STRANGER_REST_MS = 60 * 60_000;
const SMOOTHING = 0.3;
/** The time that less than this takes says nothing of a source's speed. */
const TELLING_BYTES = 48 * 1024;

export class SourceBook {
  readonly #standings = new Map<string, SourceStanding>();
  readonly #most: number;

  /**
   * @param own the gateway that served the page: asked first while it does well.
   * @param most how many mirrors are ever taken in.
   */
  constructor(own: string, mirrors: readonly string[] = [], most = MOST_MIRRORS) {
    this.#most = most;
    this.#add(own, true);
    for (const base of mirrors) this.add(base);
  }

  /** A mirror that became known; one already known keeps its score, and one too many is left out. */
  add(base: string): void {
    if (this.#standings.size <= this.#most) this.#add(base, false);
  }

  /** The best source to ask now, shunning `avoid` while there is another; never null, for one source beats none. */
  pick(now: number, avoid: ReadonlySet<string> = new Set()): string {
    const all = [...this.#standings.values()];
    const fresh = all.filter((standing) => !avoid.has(standing.base));
    const [best] = (fresh.length > 0 ? fresh : all).toSorted((a, b) => compare(a, b, now));
    if (best === undefined) throw new RangeError('a source book always has its own gateway');
    return best.base;
  }

  succeeded(base: string, bytes: number, ms: number): void {
    const standing = this.#standings.get(base);
    if (standing === undefined) return;
    standing.faultsInRow = 0;
    standing.restsUntil = 0;
    standing.hasWorked = true;
    if (bytes < TELLING_BYTES) return;
    const pace = (ms * MIB) / bytes;
    standing.pace = standing.pace === null ? pace : standing.pace + SMOOTHING * (pace - standing.pace);
  }

  failed(base: string, fault: SourceFault, now: number): void {
    const standing = this.#standings.get(base);
    if (standing === undefined || fault === 'missing') return;
    if (fault === 'wrong-bytes') standing.refused++;
    const [first, longest] = restOf(standing, fault);
    const rest = Math.min(longest, first * 2 ** Math.min(standing.faultsInRow, 16));
    standing.faultsInRow++;
    standing.restsUntil = Math.max(standing.restsUntil, now + rest);
  }

  /** Mirrors that failed and never worked: asked twice for one thing they cost a second wait for nothing. */
  dead(): Set<string> {
    const dead = [...this.#standings.values()].filter(
      ({ isOwn, hasWorked, faultsInRow }) => !isOwn && !hasWorked && faultsInRow > 0,
    );
    return new Set(dead.map(({ base }) => base));
  }

  /** Every source and its score, the own gateway first. */
  standings(): SourceStanding[] {
    return [...this.#standings.values()].map((standing) => ({ ...standing }));
  }

  #add(base: string, isOwn: boolean): void {
    if (this.#standings.has(base)) return;
    this.#standings.set(base, {
      base,
      isOwn,
      pace: null,
      restsUntil: 0,
      faultsInRow: 0,
      refused: 0,
      hasWorked: false,
    });
  }
}

function restOf({ isOwn, hasWorked }: SourceStanding, fault: SourceFault): [first: number, longest: number] {
  if (fault === 'wrong-bytes') return [LIE_REST_MS, LONGEST_LIE_REST_MS];
  return isOwn || hasWorked
    ? [SILENCE_REST_MS, LONGEST_SILENCE_REST_MS]
    : [STRANGER_REST_MS, LONGEST_STRANGER_REST_MS];
}

function compare(a: SourceStanding, b: SourceStanding, now: number): number {
  const [restA, restB] = [Math.max(0, a.restsUntil - now), Math.max(0, b.restsUntil - now)];
  return restA - restB || expectedPace(a) - expectedPace(b);
}

function expectedPace(standing: SourceStanding): number {
  return standing.pace ?? (standing.isOwn ? OWN_PACE_GUESS : MIRROR_PACE_GUESS);
}

/** HTTP bases that this page can use: whole addresses, https only on an https page, no local ones on a public page, none twice. */
export function usableBases(bases: Iterable<string>, page: { origin: string; protocol: string }): string[] {
  const usable = new Set<string>();
  for (const base of bases) {
    const url = URL.canParse(base) ? new URL(base) : null;
    if (url === null || !['http:', 'https:'].includes(url.protocol)) continue;
    if (page.protocol === 'https:' && url.protocol !== 'https:') continue;
    if (!mayTurnTo(url, page)) continue;
    if (url.origin !== page.origin) usable.add(`${url.origin}${url.pathname.replace(/\/+$/, '')}`);
  }
  return [...usable];
}
