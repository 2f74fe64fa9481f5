/** Runs npm for the set-up, undisturbed by the settings that an outer `npm run` or `npx` leaves behind. */
import { spawnSync } from 'node:child_process';

/**
 * What one npm passes to what it runs and would lead another astray: where to install, what to leave out.
 * The registry, cache, proxy and user configuration stay as the person set them.
 */
const misleading =
  /^npm_(config_(prefix|local_prefix|global_prefix|global|location|omit|include|only|also|dev|production|optional|dry_run|package_lock.*|ignore_scripts|workspaces?|include_workspace_root|package|call|yes|json|loglevel|silent|if_present|save.*|install_.*|os|cpu|libc|engine_strict|before|force)|package_.*|lifecycle_.*|command)$/i;

/**
 * A copy of the environment in which npm installs everything, development dependencies too.
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function cleanNpmEnv(env) {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !misleading.test(name) && name.toUpperCase() !== 'NODE_ENV'),
  );
}

/**
 * Runs npm in `cwd` with its output held back; the last lines that matter come back when it fails.
 * @param {string} cwd
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ ok: true } | { ok: false, reason: string }}
 */
export function npmInstall(cwd, args, env = process.env) {
  const { command, first } = npmCommand(env);
  const result = spawnSync(
    command,
    [...first, ...args, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
    {
      cwd,
      env: cleanNpmEnv(env),
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      timeout: 20 * 60_000,
      shell: command.endsWith('.cmd'),
    },
  );
  if (result.status === 0) return { ok: true };
  if (result.error) return { ok: false, reason: `npm did not run (${result.error.message})` };
  return {
    ok: false,
    reason: lastErrors(`${result.stderr}\n${result.stdout}`) || `npm ended with ${result.status}`,
  };
}

/** The npm that called us runs under our own Node, whichever `npm` stands on PATH. */
function npmCommand(/** @type {NodeJS.ProcessEnv} */ env) {
  const path = env.npm_execpath;
  if (path && /npm-cli\.js$/.test(path)) return { command: process.execPath, first: [path] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', first: [] };
}

/** @returns {string} npm's error lines in one, without its stack of advice and log paths */
function lastErrors(/** @type {string} */ output) {
  return output
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line) && !/complete log|debug-0\.log/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '')
    .slice(0, 6)
    .join(' / ');
}
