import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Candidate, planMirror } from '../../../node/mirror/policy.ts';

const candidate = (channel: string, item: string, at: number, bytes: number | undefined): Candidate => ({
  channel,
  item,
  at,
  bytes,
});
const plan = (candidates: Candidate[], total: number, perChannel: [string, number | null][] = []) => {
  const { hold, skip } = planMirror(candidates, { total, perChannel: new Map(perChannel) });
  return { hold: hold.map(({ item }) => item), skip: skip.map(({ item }) => item) };
};

it('holds the newest that fit, and a small old one rather than nothing', () => {
  const films = [candidate('a', 'old', 1, 10), candidate('a', 'big', 2, 90), candidate('a', 'new', 3, 50)];
  expect(plan(films, 100)).toEqual({ hold: ['new', 'old'], skip: ['big'] });
});

it('takes turns between channels', () => {
  const films = [candidate('a', 'a1', 9, 40), candidate('a', 'a2', 8, 40), candidate('b', 'b1', 1, 40)];
  expect(plan(films, 80).hold).toEqual(['a1', 'b1']);
});

it('keeps to a channel’s own budget', () => {
  const films = [candidate('a', 'a1', 2, 40), candidate('a', 'a2', 1, 40), candidate('b', 'b1', 1, 40)];
  expect(plan(films, 1000, [['a', 50]]).hold).toEqual(['a1', 'b1']);
  expect(plan(films, 1000, [['a', 0]]).hold).toEqual(['b1']);
});

it('plans for an item of unknown size, which must be looked at to be known', () => {
  expect(plan([candidate('a', 'a1', 1, undefined)], 10).hold).toEqual(['a1']);
});

it('never passes a budget and loses no item, whatever the sizes', () => {
  const films = fc.array(
    fc.record({
      channel: fc.constantFrom('a', 'b', 'c'),
      at: fc.nat(9),
      bytes: fc.option(fc.nat(50), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(films, fc.nat(200), fc.nat(100), (list, total, ofA) => {
      const candidates = list.map((film, index) => ({ ...film, item: String(index) }));
      const { hold, skip } = planMirror(candidates, { total, perChannel: new Map([['a', ofA]]) });
      const sum = (some: Candidate[]) => some.reduce((bytes, film) => bytes + (film.bytes ?? 0), 0);
      expect(hold.length + skip.length).toBe(candidates.length);
      expect(sum(hold)).toBeLessThanOrEqual(total);
      expect(sum(hold.filter(({ channel }) => channel === 'a'))).toBeLessThanOrEqual(ofA);
    }),
  );
});
