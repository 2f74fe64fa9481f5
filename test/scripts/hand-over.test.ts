import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';

const program = join(import.meta.dirname, 'programs', 'hand-over-to-signal-counter.js');
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

/** Runs the program as a terminal would: in a process group of its own. */
function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.push(child);
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  return { child, lines, reader, ended: once(reader, 'close') };
}

test('the exit code is the program’s own', async () => {
  const { child } = run('exit');
  const [code] = await once(child, 'exit');
  expect(code).toBe(3);
});

test('a Ctrl-C that the whole group gets, and npm passes on again, reaches the program once', async () => {
  const { child, lines, reader, ended } = run();
  await once(reader, 'line');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  // Two at the same instant are one to the kernel; npm's comes a moment after the terminal's.
  await once(reader, 'line');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  await ended;
  expect(code).toBe(7);
  expect(lines.slice(1)).toEqual(['SIGINT']);
});

test('SIGTERM is passed on', async () => {
  const { child, lines, reader, ended } = run();
  await once(reader, 'line');
  child.kill('SIGTERM');
  await ended;
  expect(lines.slice(1)).toEqual(['SIGTERM']);
});

test('the program stops by itself when what started it is killed', async () => {
  const { child, lines, reader, ended } = run();
  await once(reader, 'line');
  child.kill('SIGKILL');
  await ended;
  expect(lines.slice(1)).toEqual(['SIGTERM']);
});
