/** A lock directory that keeps two set-ups of one checkout from running at the same time. */
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const pollMs = 200;
const withoutOwnerMs = 10_000;
const longestMs = 30 * 60_000;

/**
 * Runs `work` while holding the lock; waits for another holder, takes over from one that died.
 * Throws when the other holder has not finished within half an hour.
 * @template T
 * @param {string} dir the lock directory; its parent is made when missing
 * @param {(pid: number) => void} onWait called once when another process holds the lock
 * @param {() => T} work
 * @returns {T}
 */
export function withLock(dir, onWait, work) {
  mkdirSync(dirname(dir), { recursive: true });
  const deadline = Date.now() + longestMs;
  let told = false;
  while (!take(dir)) {
    if (isStale(dir)) {
      breakLock(dir);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`another set-up has held ${dir} for half an hour`);
    if (!told) onWait(ownerOf(dir) ?? 0);
    told = true;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  const release = () => rmSync(dir, { recursive: true, force: true });
  process.once('exit', release);
  try {
    return work();
  } finally {
    release();
    process.off('exit', release);
  }
}

function take(/** @type {string} */ dir) {
  try {
    mkdirSync(dir);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(dir, 'pid'), `${process.pid}`);
  return true;
}

/** @returns {number | undefined} process id of the holder; undefined when it has not written it (yet) */
function ownerOf(/** @type {string} */ dir) {
  try {
    return Number.parseInt(readFileSync(join(dir, 'pid'), 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** A lock is stale when its holder is gone, or when it never said who it was, or when it is absurdly old. */
export function isStale(/** @type {string} */ dir, now = Date.now()) {
  let age = 0;
  try {
    age = now - statSync(dir).mtimeMs;
  } catch {
    return false;
  }
  if (age > longestMs) return true;
  const pid = ownerOf(dir);
  if (pid === undefined) return age > withoutOwnerMs;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH';
  }
}

/** Renaming is atomic: of two processes that find the same stale lock only one moves it away. */
function breakLock(/** @type {string} */ dir) {
  const aside = `${dir}.${process.pid}`;
  try {
    renameSync(dir, aside);
  } catch {
    return;
  }
  rmSync(aside, { recursive: true, force: true });
}
