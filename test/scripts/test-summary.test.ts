import { expect, test } from 'vitest';
import { countTests, lastLine, testSummary } from '../../scripts/test-summary.js';

const file = (name: string, status: string, ...states: string[]) => ({
  name: `/repo/test/${name}`,
  status,
  startTime: 1000,
  endTime: 1500,
  assertionResults: states.map((each) => ({ status: each })),
});

test('sums the tests of each suite', () => {
  const report = {
    testResults: [
      file('node/a.test.ts', 'passed', 'passed', 'passed', 'pending'),
      file('node/media/b.test.ts', 'failed', 'passed', 'failed'),
      file('browser/c.test.ts', 'passed', 'passed', 'todo'),
    ],
  };
  const steps = countTests(report, false, '/repo');
  expect(steps).toEqual([
    { name: 'test/browser', passed: 1, failed: 0, skipped: 1, ms: 500 },
    { name: 'test/node', passed: 3, failed: 1, skipped: 1, ms: 1000 },
  ]);
  expect(lastLine(steps)).toBe('4 passed, 1 failed, 2 skipped');
});

test('says nothing of skipped tests when there are none', () => {
  expect(
    lastLine(countTests({ testResults: [file('node/a.test.ts', 'passed', 'passed')] }, true, '/repo')),
  ).toBe('1 passed, 0 failed');
});

test.each([
  ['a file that does not load', { testResults: [file('node/a.test.ts', 'failed')] }, false],
  ['no test at all', { testResults: [] }, true],
  ['only skipped tests', { testResults: [file('node/a.test.ts', 'passed', 'pending')] }, true],
  ['no report', undefined, false],
  ['an error outside of tests', { testResults: [file('node/a.test.ts', 'passed', 'passed')] }, false],
])('counts as one failure: %s', (_, report, clean) => {
  const failed = countTests(report, clean, '/repo').reduce((sum, step) => sum + step.failed, 0);
  expect(failed).toBeGreaterThanOrEqual(1);
});

test('the table has a row for each step', () => {
  const rows = testSummary([{ name: 'types', passed: 1, failed: 0, skipped: 0, ms: 1234 }]).split('\n');
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatch(/^types +1 +0 +0 +1\.2$/);
});
