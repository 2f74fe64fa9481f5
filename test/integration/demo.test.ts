import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';

const program = join(import.meta.dirname, '..', '..', 'scripts', 'demo.ts');
let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-test-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** What the demo left behind; Node's own compile cache may stay. */
async function leftOvers(): Promise<string[]> {
  return (await readdir(dir)).filter((name) => name !== 'node-compile-cache');
}

/** Runs the demo with its temporary files in `dir`; `onLine` may signal it. */
async function runDemo(args: string[], onLine: (line: string, kill: () => void) => void = () => {}) {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: dir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    onLine(line, () => child.kill('SIGINT'));
  });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  try {
    const [code] = await once(child, 'close');
    return { code, lines, errors };
  } finally {
    child.kill('SIGKILL');
  }
}

test('the sample film goes from one node to the other, and nothing of either is left', {
  timeout: 300_000,
}, async () => {
  const { code, lines, errors } = await runDemo(['--once']);
  expect(code, errors.join('\n')).toBe(0);
  expect(lines.join('\n')).toMatch(/B has mirrored the channel: [\d.]+ MB/);
  expect(lines.join('\n')).toMatch(/Watch it on B: +http:\/\/127\.0\.0\.1:\d+\//);
  expect(await leftOvers()).toEqual([]);
});

test('Ctrl-C in the middle of publishing ends both nodes and leaves nothing', async () => {
  const { code, lines } = await runDemo([], (line, kill) => {
    if (line.startsWith('2.')) setTimeout(kill, 1000);
  });
  expect(code).toBe(0);
  expect(lines.some((line) => line.startsWith('3.'))).toBe(false);
  expect(await leftOvers()).toEqual([]);
});
