/** Counts what vitest reports and writes the summary that ends a test run. */
import { relative } from 'node:path';

/** @typedef {{ name: string, passed: number, failed: number, skipped: number, ms: number }} Step */
/** @typedef {{ name: string, status: string, startTime: number, endTime: number, assertionResults: { status: string }[] }} FileReport */

/**
 * One step for each suite (the folder below test/). A file that could not be loaded counts as one failure, and so
 * do a run without a single test, a run that left no report, and errors outside of any test.
 * @param {{ testResults: FileReport[] } | undefined} report vitest's JSON report
 * @param {boolean} clean whether vitest itself ended with code 0
 * @param {string} root directory that the report's file names lie in
 * @returns {Step[]}
 */
export function countTests(report, clean, root) {
  /** @type {Map<string, Step>} */
  const suites = new Map();
  for (const file of report?.testResults ?? []) {
    const name = relative(root, file.name).split(/[\\/]/).slice(0, 2).join('/');
    const suite = suites.get(name) ?? { name, passed: 0, failed: 0, skipped: 0, ms: 0 };
    suites.set(name, suite);
    const count = (/** @type {string[]} */ ...states) =>
      file.assertionResults.filter((test) => states.includes(test.status)).length;
    const failed = count('failed');
    suite.passed += count('passed');
    suite.failed += failed === 0 && file.status === 'failed' ? 1 : failed;
    suite.skipped += count('pending', 'skipped', 'todo', 'disabled');
    suite.ms += Math.max(0, file.endTime - file.startTime);
  }
  const steps = [...suites.values()].sort((a, b) => a.name.localeCompare(b.name));
  const ran = steps.reduce((sum, each) => sum + each.passed + each.failed, 0);
  const failed = steps.some((each) => each.failed > 0);
  if (ran === 0) steps.push(failure('vitest: no test ran'));
  else if (!clean && !failed) steps.push(failure('vitest: errors outside of tests'));
  return steps;
}

/** @returns {Step} */
function failure(/** @type {string} */ name) {
  return { name, passed: 0, failed: 1, skipped: 0, ms: 0 };
}

/**
 * A table of the steps, the time of each in seconds (a suite's is the sum over its files).
 * @param {Step[]} steps
 */
export function testSummary(steps) {
  const rows = [
    ['', 'passed', 'failed', 'skipped', 'seconds'],
    ...steps.map((each) => [
      each.name,
      ...[each.passed, each.failed, each.skipped].map(String),
      (each.ms / 1000).toFixed(1),
    ]),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * The line that ends every run: `N passed, N failed`, and `, N skipped` when there are any.
 * @param {Step[]} steps
 */
export function lastLine(steps) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ key) =>
    steps.reduce((total, each) => total + each[key], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
