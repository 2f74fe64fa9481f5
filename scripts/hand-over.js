/** Runs a TypeScript program under Node 24 in this one's place: same terminal, same signals, same exit code. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, withRuntime } from './runtime.js';

/** npm and the terminal each pass the same Ctrl-C on: what comes again this soon is the same one. */
const sameSignalMs = 1000;

/**
 * A node lives for months on small machines, and V8 is slow to give its young generation back: at 4 MiB a half
 * instead of 16 a node holds some 40 MB less.
 */
export const v8Flags = ['--max-semi-space-size=4'];

/**
 * Starts `file` with `args` and ends this process as it ends.
 * The child is a process group of its own, so that a Ctrl-C, which a terminal sends to the whole group, reaches
 * it once, through us. Should we be killed outright, the tether lets it notice and stop.
 * @param {string} node path of Node 24
 * @param {string} file path below the repository's root
 * @param {string[]} args
 */
export function handOver(node, file, args) {
  const windows = process.platform === 'win32';
  const tether = pathToFileURL(join(root, 'scripts', 'tether.js')).href;
  const child = spawn(node, [...v8Flags, '--import', tether, join(root, file), ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: withRuntime(node),
    detached: !windows,
  });

  /** @type {Map<string, number>} */
  const passedOn = new Map();
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (passedOn.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalMs) return;
      passedOn.set(signal, now);
      if (!windows) child.kill(signal);
    });
  }

  child.on('error', (error) => {
    process.stderr.write(`heliograph: ${node} did not start: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
