/** Makes sure of a Node that runs this repository's TypeScript, bringing one when the machine's own is too old. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npmInstall } from './npm.js';

/** The repository's root directory. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const wantedMajor = 24;
const runtimeDir = join(root, '.runtime');
const stampFile = join(runtimeDir, '.heliograph-stamp');

/** A set-up step that failed, with a sentence for the person at the terminal. */
export class SetupError extends Error {}

/**
 * Path of a Node >= 24: the running one, the one brought earlier into `.runtime/`, or one brought now by npm.
 * Throws `SetupError` saying what to do when there is none for this machine.
 * @param {(line: string) => void} [say] hears one line when something has to be downloaded
 * @returns {string}
 */
export function ensureRuntime(say = () => {}) {
  if (majorOf(process.versions.node) >= wantedMajor) return process.execPath;
  const { name, file } = shippedNode();
  if (isChecked(file)) return file;

  if (versionOf(file) < wantedMajor) {
    say(
      `Node ${process.versions.node} is too old; bringing Node ${wantedMajor} (about 60 MB) into .runtime/`,
    );
    mkdirSync(runtimeDir, { recursive: true });
    const result = npmInstall(root, [
      ...['install', '--prefix', runtimeDir, '--no-save', '--no-package-lock', '--ignore-scripts'],
      `${name}@${wantedMajor}`,
    ]);
    if (!result.ok) throw new SetupError(`npm could not bring ${name}: ${result.reason}. ${advice}`);
    if (versionOf(file) < wantedMajor) {
      throw new SetupError(`${name} was installed but does not run on this machine. ${advice}`);
    }
  }
  writeFileSync(stampFile, `${file}\n`);
  return file;
}

const advice = `Install Node ${wantedMajor} or newer yourself (https://nodejs.org) and run this again`;

/**
 * The environment with `node` first on PATH, so that everything started from here finds the same one.
 * @param {string} node path of the Node to put first
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {NodeJS.ProcessEnv}
 */
export function withRuntime(node, env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const first = dirname(node);
  const rest = (env[key] ?? '').split(delimiter).filter((entry) => entry !== '' && entry !== first);
  return { ...env, [key]: [first, ...rest].join(delimiter) };
}

/** @returns {{ name: string, file: string }} the npm package that ships Node for this machine, and its binary */
function shippedNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  if (!['linux', 'darwin', 'win'].includes(os) || !['x64', 'arm64'].includes(process.arch)) {
    throw new SetupError(
      `Heliograph needs Node ${wantedMajor}, this is ${process.versions.node}, and none is ` +
        `shipped for ${process.platform} ${process.arch}. ${advice}`,
    );
  }
  const name = `node-${os}-${process.arch}`;
  const binary = os === 'win' ? 'node.exe' : 'node';
  return { name, file: join(runtimeDir, 'node_modules', name, 'bin', binary) };
}

/** The stamp spares later starts the 40 ms that asking the binary for its version takes. */
function isChecked(/** @type {string} */ file) {
  return existsSync(file) && existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === file;
}

/** @returns {number} major version of the Node at `file`; 0 when it is absent or does not run */
function versionOf(/** @type {string} */ file) {
  if (!existsSync(file)) return 0;
  const result = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  return result.status === 0 ? majorOf(result.stdout.trim().replace(/^v/, '')) : 0;
}

function majorOf(/** @type {string} */ version) {
  return Number.parseInt(version, 10);
}
