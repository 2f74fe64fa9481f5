import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientHas, rangeCounts } from '../../../node/gateway/etag.ts';
import { parseRange } from '../../../node/gateway/range.ts';

test.each([
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=99-99', { start: 99, end: 99 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-2', 'whole'],
  ['bytes=0-1,5-6', 'whole'],
  ['bytes=-', 'whole'],
  ['bytes=a-b', 'whole'],
  ['lines=0-1', 'whole'],
  [undefined, 'whole'],
])('of 100 bytes, %s is %o', (header, expected) => {
  expect(parseRange(header, 100)).toEqual(expected);
});

test('a range never leaves the file', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat({ max: 5000 }), (noise, a, b, size) => {
      for (const header of [noise, `bytes=${a}-${b}`, `bytes=${a}-`, `bytes=-${b}`, `bytes=${noise}`]) {
        const range = parseRange(header, size);
        if (typeof range === 'string') continue;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.end).toBeLessThan(size);
        expect(range.start).toBeLessThanOrEqual(range.end);
      }
    }),
  );
});

test('If-None-Match compares weakly and knows lists and the star', () => {
  expect(clientHas('"a", W/"b"', '"b"')).toBe(true);
  expect(clientHas('*', '"b"')).toBe(true);
  expect(clientHas('"a"', '"b"')).toBe(false);
  expect(clientHas(undefined, '"b"')).toBe(false);
});

test('If-Range compares strongly', () => {
  expect(rangeCounts(undefined, '"a"')).toBe(true);
  expect(rangeCounts('"a"', '"a"')).toBe(true);
  expect(rangeCounts('"b"', '"a"')).toBe(false);
  expect(rangeCounts('W/"a"', 'W/"a"')).toBe(false);
});
