import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from '../../scripts/lock.js';

let dir = '';
let lock = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'heliograph-lock-'));
  lock = join(dir, 'deep', 'setup.lock');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const neverWait = () => {
  throw new Error('waited for a lock that nobody holds');
};

test('holds the lock while working and gives it back, also after a failure', () => {
  expect(withLock(lock, neverWait, () => existsSync(lock))).toBe(true);
  expect(existsSync(lock)).toBe(false);
  expect(() =>
    withLock(lock, neverWait, () => {
      throw new Error('work failed');
    }),
  ).toThrow('work failed');
  expect(existsSync(lock)).toBe(false);
});

test('takes over from a holder that died', async () => {
  const gone = spawn(process.execPath, ['-e', '']);
  await once(gone, 'exit');
  mkdirSync(lock, { recursive: true });
  writeFileSync(join(lock, 'pid'), `${gone.pid}`);
  expect(withLock(lock, neverWait, () => readFileSync(join(lock, 'pid'), 'utf8'))).toBe(`${process.pid}`);
});

test('takes over a lock whose holder never wrote its name', () => {
  mkdirSync(lock, { recursive: true });
  const old = Date.now() / 1000 - 60;
  utimesSync(lock, old, old);
  expect(withLock(lock, neverWait, () => 'worked')).toBe('worked');
});

test('waits for a living holder', async () => {
  const script = `
    const { withLock } = await import(${JSON.stringify(new URL('../../scripts/lock.js', import.meta.url).href)});
    withLock(${JSON.stringify(lock)}, () => {}, () => {
      process.stdout.write('held');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    });`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  let waitedFor = 0;
  const worked = withLock(
    lock,
    (pid) => {
      waitedFor = pid;
    },
    () => true,
  );
  expect(worked).toBe(true);
  expect(waitedFor).toBe(holder.pid);
});
