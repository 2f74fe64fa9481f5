/** Brings a fresh checkout to where it runs: Node, dependencies, web app; each only when missing or stale. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { withLock } from './lock.js';
import { npmInstall } from './npm.js';
import { ensureRuntime, root, SetupError, withRuntime } from './runtime.js';

const modules = join(root, 'node_modules');
const modulesStamp = join(modules, '.heliograph-stamp');
const dist = join(root, 'web', 'dist');
const distStamp = join(dist, '.heliograph-stamp');

/**
 * Makes the checkout ready and returns the path of the Node to run it with. Costs milliseconds when it is ready.
 * Throws `SetupError` with one clear sentence.
 * @param {{ web?: boolean, quiet?: boolean }} [options] `web: false` leaves the web app alone
 * @returns {string}
 */
export function setUp({ web = true, quiet = false } = {}) {
  const say = quiet
    ? () => {}
    : (/** @type {string} */ line) => process.stderr.write(`heliograph: ${line}\n`);
  const finish = () => {
    const node = ensureRuntime(say);
    if (!dependenciesReady()) installDependencies(node, say);
    if (web && !webReady()) buildWeb(node, say);
    return node;
  };
  if (runtimeReady() && dependenciesReady() && (!web || webReady())) return ensureRuntime();
  const wait = (/** @type {number} */ pid) =>
    say(`waiting for another set-up of this checkout (process ${pid})`);
  return withLock(join(root, '.cache', 'setup.lock'), wait, finish);
}

/**
 * `setUp` for a program's first line: a failure is one line on stderr and the end of the process.
 * @param {{ web?: boolean, quiet?: boolean }} [options]
 */
export function setUpOrExit(options) {
  try {
    return setUp(options);
  } catch (error) {
    process.stderr.write(`heliograph: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}

function runtimeReady() {
  return (
    Number.parseInt(process.versions.node, 10) >= 24 ||
    existsSync(join(root, '.runtime', '.heliograph-stamp'))
  );
}

function lockHash() {
  return hashFiles([join(root, 'package-lock.json')]);
}

function dependenciesReady() {
  const hash = lockHash();
  if (readStamp(modulesStamp) === hash) return true;
  if (!installedByHand()) return false;
  writeFileSync(modulesStamp, hash);
  linkOwnProgram();
  return true;
}

/**
 * Whether node_modules already holds what package-lock.json asks for: someone ran `npm install` himself.
 * npm writes its hidden lock file last, so an interrupted install is never taken for a whole one.
 */
function installedByHand() {
  const hidden = join(modules, '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function installDependencies(/** @type {string} */ node, /** @type {(line: string) => void} */ say) {
  say('installing dependencies (a minute or two the first time)');
  const began = Date.now();
  rmSync(modulesStamp, { force: true });
  const result = npmInstall(root, ['ci', '--include=dev', '--include=optional'], withRuntime(node));
  if (!result.ok) throw new SetupError(`installing the dependencies failed: ${result.reason}`);
  linkOwnProgram();
  writeFileSync(modulesStamp, lockHash());
  say(`dependencies installed in ${elapsed(began)}`);
}

/** npx finds a program in node_modules/.bin at once; for a package's own program it would build a copy first. */
function linkOwnProgram() {
  if (process.platform === 'win32') return;
  const program = join(root, 'scripts', 'heliograph.js');
  const link = join(modules, '.bin', 'heliograph');
  chmodSync(program, 0o755);
  rmSync(link, { force: true });
  symlinkSync(relative(join(modules, '.bin'), program), link);
}

function webHash() {
  const sources = [...filesBelow(join(root, 'web')), ...filesBelow(join(root, 'protocol'))];
  return hashFiles([...sources, join(root, 'package-lock.json')]);
}

function webReady() {
  return !existsSync(join(root, 'web', 'index.html')) || readStamp(distStamp) === webHash();
}

function buildWeb(/** @type {string} */ node, /** @type {(line: string) => void} */ say) {
  say('building the web app');
  const began = Date.now();
  const hash = webHash();
  const env = withRuntime(node);
  // vite builds for production unless the surroundings say otherwise, and they must not.
  delete env.NODE_ENV;
  const vite = join(modules, 'vite', 'bin', 'vite.js');
  const result = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    env,
    encoding: 'utf8',
    timeout: 10 * 60_000,
  });
  if (result.status !== 0) {
    throw new SetupError(`building the web app failed\n${result.stdout}${result.stderr}`.trimEnd());
  }
  mkdirSync(dist, { recursive: true });
  writeFileSync(distStamp, hash);
  say(`web app built in ${elapsed(began)}`);
}

/** @returns {string[]} every file below `dir`, without what is built or installed there */
function filesBelow(/** @type {string} */ dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => !(entry.isDirectory() && ['dist', 'node_modules'].includes(entry.name)))
    .flatMap((entry) => {
      const path = join(dir, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** One hash over names and contents. A file that vanishes between listing and reading counts as empty. */
function hashFiles(/** @type {string[]} */ files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${relative(root, file)}\0`);
    hash.update(existsSync(file) ? readFileSync(file) : '');
    hash.update('\0');
  }
  return hash.digest('hex');
}

function readStamp(/** @type {string} */ file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

function elapsed(/** @type {number} */ began) {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`;
}

if (process.argv[1] === join(root, 'scripts', 'setup.js')) setUpOrExit();
