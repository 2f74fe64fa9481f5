/** `npm test [-- VITEST ARGS]`: sets everything up, then format, lint, types and every test, in one summary. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanNpmEnv } from './npm.js';
import { root, withRuntime } from './runtime.js';
import { setUp } from './setup.js';
import { countTests, lastLine, testSummary } from './test-summary.js';
import { ensureTools } from './tools.js';

/** @typedef {import('./test-summary.js').Step} Step */

const vitestArgs = process.argv.slice(2);
const stepLimitMs = 30 * 60_000;
/** @type {Step[]} */
const steps = [];
let node = process.execPath;

step('set-up', () => {
  node = setUp();
  return true;
});
// Without dependencies every further step would only fail in a more confusing way.
if (steps[0]?.failed === 0) {
  step('programs', () => {
    const missing = ensureTools((line) => process.stderr.write(`heliograph: ${line}\n`));
    if (missing) process.stderr.write(`heliograph: ${missing}\n`);
    return missing === undefined;
  });
  step('format and lint', () => run('@biomejs/biome/bin/biome', ['ci', '.']));
  step('types', () => run('typescript/bin/tsc', ['--noEmit']));
  step('types, protocol', () => run('typescript/bin/tsc', ['-p', 'protocol']));
  vitest();
}

process.stdout.write(`\n${testSummary(steps)}\n${lastLine(steps)}\n`);
process.exitCode = steps.some((each) => each.failed > 0) ? 1 : 0;

function step(/** @type {string} */ name, /** @type {() => boolean} */ work) {
  const began = Date.now();
  let passed = false;
  try {
    passed = work();
  } catch (error) {
    process.stderr.write(`heliograph: ${error instanceof Error ? error.message : String(error)}\n`);
  }
  steps.push({ name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0, ms: Date.now() - began });
}

function vitest() {
  const began = Date.now();
  const dir = mkdtempSync(join(tmpdir(), 'heliograph-test-'));
  const report = join(dir, 'report.json');
  const clean = run('vitest/vitest.mjs', [
    ...['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...vitestArgs,
  ]);
  let json;
  try {
    json = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    json = undefined;
  }
  rmSync(dir, { recursive: true, force: true });
  for (const each of countTests(json, clean, root)) steps.push(each);
  const total = Date.now() - began;
  process.stdout.write(`\ntests took ${(total / 1000).toFixed(1)} s\n`);
}

/** Runs a program of an installed package under Node 24, its output shown; true when it ends well. */
function run(/** @type {string} */ program, /** @type {string[]} */ args) {
  const env = withRuntime(node, cleanNpmEnv(process.env));
  // A node of the person's own must never be what the tests talk to.
  delete env.HELIOGRAPH_DATA;
  const result = spawnSync(node, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: stepLimitMs,
  });
  if (result.error) process.stderr.write(`heliograph: ${program}: ${result.error.message}\n`);
  return result.status === 0;
}
