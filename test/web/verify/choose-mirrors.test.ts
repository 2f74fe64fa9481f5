import { expect, it } from 'vitest';
import { byLot, chooseMirrors } from '../../../web/verify/choose-mirrors.ts';

const flood = Array.from({ length: 500 }, (_, index) => `https://fake${index}.example`);
const seeds = Array.from({ length: 400 }, (_, index) => Math.imul(index + 1, 0x9e3779b1));
const choose = (bases: string[], working: string[], seed: number, most = 8) =>
  chooseMirrors(bases, { working, most, seed });

it('takes every mirror when they are few, those that worked first', () => {
  expect(choose(['https://a', 'https://b'], ['https://b'], 1)).toEqual(['https://b', 'https://a']);
});

it('takes no more than asked for, however many are named, and the same for the same seed', () => {
  expect(choose(flood, [], 7)).toHaveLength(8);
  expect(choose(flood, [], 7)).toEqual(choose(flood.toReversed(), [], 7));
  expect(choose(flood, [], 7)).not.toEqual(choose(flood, [], 8));
});

it('keeps a mirror that worked through a flood', () => {
  for (const seed of seeds) {
    expect(choose([...flood, 'https://true'], ['https://true'], seed)[0]).toBe('https://true');
    expect(choose([...flood, 'https://true'], ['https://true'], seed, 2)[0]).toBe('https://true');
  }
});

it('leaves places for the lot though enough have worked', () => {
  const working = Array.from({ length: 8 }, (_, index) => `https://old${index}`);
  const taken = choose([...working, ...flood], working, 3);
  expect(taken.slice(0, 6)).toEqual(working.slice(0, 6));
  expect(taken.filter((base) => flood.includes(base))).toHaveLength(2);
  expect(choose(working, working, 3)).toHaveLength(8);
});

it('lets an unknown true mirror through a flood on some visits, wherever it stands', () => {
  const some = flood.slice(0, 40);
  const visits = seeds.filter((seed) => choose([...some, 'https://true'], [], seed).includes('https://true'));
  // 8 places among 41: 78 of 400 are to be expected.
  expect(visits.length).toBeGreaterThan(45);
  expect(visits.length).toBeLessThan(115);
});

it('gives one origin one place, whatever paths it is named with', () => {
  const paths = Array.from({ length: 100 }, (_, index) => `https://victim.example/${index}`);
  const taken = choose([...paths, 'https://a', 'https://b'], [], 5);
  expect(taken.filter((base) => base.startsWith('https://victim'))).toHaveLength(1);
  expect(taken).toHaveLength(3);
});

it('does not believe that one worked which is not named now', () => {
  expect(choose(['https://a'], ['https://gone'], 1)).toEqual(['https://a']);
});

it('orders by the seed alone', () => {
  expect(byLot(flood, 1)).toEqual(byLot(flood.toReversed(), 1));
  expect(byLot(flood, 1)).not.toEqual(byLot(flood, 2));
});
