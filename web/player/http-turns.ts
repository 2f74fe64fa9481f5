/** Directs each HTTP request of the peer-to-peer loader to the best source, and learns from how it ended. */
import type { SourceBook, SourceFault } from '../verify/source-book.ts';
import type { SegmentIndex } from './segment-index.ts';

/** A turn that is not over by then is cut off, whatever trickles in. */
const LONGEST_TURN_MS = 30_000;
/** Bytes past what the lists say that open turns may bring before they are cut off. */
const SLACK_BYTES = 256 * 1024;

interface Turn {
  base: string;
  began: number;
  size: number;
  cut: AbortController;
  timer: ReturnType<typeof setTimeout>;
}

interface TurnParts {
  sources: SourceBook;
  index: SegmentIndex;
  now: () => number;
}

export class HttpTurns {
  readonly #parts: TurnParts;
  readonly #open = new Map<string, Turn>();
  /** Sources that failed for an address, shunned for it until all have. */
  readonly #failedFor = new Map<string, Set<string>>();
  #received = 0;

  constructor(parts: TurnParts) {
    this.#parts = parts;
  }

  /**
   * The request for a segment. It asks for the whole of it even when a part is there already: a part may come from
   * another sender, and only bytes of one sender can be blamed on it (the loader drops its part at a 200).
   */
  request(url: string, signal: AbortSignal): Request {
    const file = this.#parts.index.file(url);
    if (file === undefined) throw new RangeError(`no playlist of this item names ${url}`);
    const { sources, now } = this.#parts;
    const base = sources.pick(now(), this.#avoided(url));
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), LONGEST_TURN_MS);
    this.#close(url);
    this.#open.set(url, { base, began: now(), size: file.ref.size, cut, timer });
    return new Request(`${base}/ipfs/${file.ref.cid}`, {
      signal: AbortSignal.any([signal, cut.signal]),
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
    });
  }

  /** The segment came whole and true; returns who gave it. */
  succeeded(url: string, bytes: number): string | null {
    const turn = this.#close(url);
    if (turn === null) return null;
    this.#parts.sources.succeeded(turn.base, bytes, this.#parts.now() - turn.began);
    this.#failedFor.delete(url);
    return turn.base;
  }

  /** The segment did not come, or not as signed; returns who failed. */
  failed(url: string, fault: SourceFault): string | null {
    const turn = this.#close(url);
    if (turn === null) return null;
    this.#parts.sources.failed(turn.base, fault, this.#parts.now());
    const shunned = this.#failedFor.get(url) ?? new Set();
    this.#failedFor.set(url, shunned.add(turn.base));
    return turn.base;
  }

  /** The loader gave the request up by itself: nobody's fault. */
  dropped(url: string): void {
    this.#close(url);
  }

  /** Counts bytes as they come, and cuts off a sender that sends more than was signed. */
  received(bytes: number): void {
    this.#received += bytes;
    const turns = [...this.#open.values()];
    const expected = turns.reduce((sum, { size }) => sum + size, SLACK_BYTES);
    if (this.#received > expected) for (const { cut } of turns) cut.abort();
  }

  stop(): void {
    for (const url of [...this.#open.keys()]) this.#close(url);
  }

  #avoided(url: string): ReadonlySet<string> {
    const shunned = this.#failedFor.get(url);
    if (shunned && shunned.size >= this.#parts.sources.standings().length) this.#failedFor.delete(url);
    return this.#failedFor.get(url) ?? new Set();
  }

  #close(url: string): Turn | null {
    const turn = this.#open.get(url);
    if (turn === undefined) return null;
    clearTimeout(turn.timer);
    this.#open.delete(url);
    this.#received = this.#open.size === 0 ? 0 : Math.max(0, this.#received - turn.size);
    return turn;
  }
}
