import { expect, it } from 'vitest';
import { nextInDirection } from '../../../web/frame/spatial-focus.ts';

const box = (column: number, row: number) => ({
  left: column * 100,
  right: column * 100 + 90,
  top: row * 100,
  bottom: row * 100 + 90,
});
const grid = [box(0, 0), box(1, 0), box(2, 0), box(0, 1), box(1, 1)];

it('moves to the neighbour in each direction', () => {
  const from = box(1, 0);
  expect(nextInDirection(from, grid, 'ArrowRight')).toBe(2);
  expect(nextInDirection(from, grid, 'ArrowLeft')).toBe(0);
  expect(nextInDirection(from, grid, 'ArrowDown')).toBe(4);
  expect(nextInDirection(from, grid, 'ArrowUp')).toBe(-1);
});

it('finds a way down though nothing lies straight below', () => {
  expect(nextInDirection(box(2, 0), grid, 'ArrowDown')).toBe(4);
});

it('prefers a card near by, though not straight below, to a link far down', () => {
  const wide = { left: 600, right: 1230, top: 130, bottom: 480 };
  const card = { left: 50, right: 330, top: 570, bottom: 780 };
  const foot = { left: 1130, right: 1230, top: 1190, bottom: 1220 };
  expect(nextInDirection(wide, [foot, card], 'ArrowDown')).toBe(1);
});
