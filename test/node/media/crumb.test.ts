import { expect, it } from 'vitest';
import { withoutCrumb } from '../../../node/media/crumb.ts';

const segment = (durationMs: number) => ({ path: '/nowhere', size: 1, durationMs });

it('leaves off a last segment that nobody can hear, and nothing else', () => {
  expect(withoutCrumb([segment(2000), segment(21)])).toEqual([segment(2000)]);
  expect(withoutCrumb([segment(2000), segment(50)])).toHaveLength(2);
  expect(withoutCrumb([segment(21), segment(2000)])).toHaveLength(2);
  expect(withoutCrumb([segment(21)])).toHaveLength(1);
  expect(withoutCrumb([])).toEqual([]);
});
