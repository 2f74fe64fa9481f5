import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cborCid } from '../../../protocol/cid.ts';
import type { Rendition } from '../../../protocol/manifest.ts';
import { HttpTurns } from '../../../web/player/http-turns.ts';
import { SegmentIndex } from '../../../web/player/segment-index.ts';
import { SourceBook } from '../../../web/verify/source-book.ts';

const cid = cborCid(Uint8Array.of(5));
const SIZE = 500_000;

function make() {
  const index = new SegmentIndex('manifest');
  const uris = index.add({ id: 'v240', kind: 'video' } as Rendition, {
    v: 1,
    init: null,
    segments: [
      [cid, SIZE, 2000],
      [cid, SIZE, 2000],
    ],
  });
  const sources = new SourceBook('http://own', ['http://mirror']);
  const turns = new HttpTurns({ sources, index, now: () => 0 });
  const ask = (place: number) => turns.request(uris.segment(place), new AbortController().signal);
  return { turns, sources, ask, url: uris.segment };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an HTTP turn', () => {
  it('asks by CID, whole, without telling who asks', () => {
    const request = make().ask(0);
    expect(request.url).toBe(`http://own/ipfs/${cid}`);
    expect(request.headers.has('range')).toBe(false);
    expect(request.credentials).toBe('omit');
  });

  it('goes to the mirror after a lie, and names the liar', () => {
    const { turns, ask, url } = make();
    ask(0);
    expect(turns.failed(url(0), 'wrong-bytes')).toBe('http://own');
    expect(ask(0).url).toBe(`http://mirror/ipfs/${cid}`);
    expect(ask(1).url).toBe(`http://mirror/ipfs/${cid}`);
    expect(turns.succeeded(url(0), SIZE)).toBe('http://mirror');
  });

  it('tries each source for a segment before one a second time', () => {
    const { turns, ask, url } = make();
    const order = [0, 1, 2, 3].map(() => {
      const { origin } = new URL(ask(0).url);
      turns.failed(url(0), 'unreachable');
      return origin;
    });
    expect(order.slice(0, 2).sort()).toEqual(['http://mirror', 'http://own']);
    expect(order.slice(2).sort()).toEqual(['http://mirror', 'http://own']);
  });

  it('blames nobody for what the loader dropped by itself', () => {
    const { turns, sources, ask, url } = make();
    ask(0);
    turns.dropped(url(0));
    expect(turns.failed(url(0), 'wrong-bytes')).toBeNull();
    expect(sources.standings().every(({ faultsInRow }) => faultsInRow === 0)).toBe(true);
  });

  it('is cut off when more comes than was signed, not before', () => {
    const { turns, ask } = make();
    const [first, second] = [ask(0), ask(1)];
    turns.received(2 * SIZE);
    expect(first.signal.aborted || second.signal.aborted).toBe(false);
    turns.received(SIZE);
    expect(first.signal.aborted && second.signal.aborted).toBe(true);
  });

  it('counts only what came for turns that are open, however they overlap', () => {
    const { turns, ask, url } = make();
    let last = ask(0);
    for (let round = 1; round < 12; round++) {
      last = ask(round % 2);
      turns.received(SIZE);
      turns.succeeded(url((round + 1) % 2), SIZE);
    }
    expect(last.signal.aborted).toBe(false);
  });

  it('is cut off when it takes too long', () => {
    const request = make().ask(0);
    vi.advanceTimersByTime(30_001);
    expect(request.signal.aborted).toBe(true);
  });

  it('refuses an address that no playlist names', () => {
    const { turns } = make();
    expect(() => turns.request('http://elsewhere/x', new AbortController().signal)).toThrow(RangeError);
  });
});
