/** The programs besides npm packages that tests and benchmarks use: found, or brought by apt, or asked for. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Any one of `programs` will do; `packages` are Debian's. */
const tools = [
  { programs: ['chromium'], packages: ['chromium'] },
  { programs: ['ffmpeg'], packages: ['ffmpeg'] },
  { programs: ['tv_validate_file'], packages: ['xmltv-util'] },
  { programs: ['cvlc', 'mpv'], packages: ['vlc-bin', 'vlc-plugin-base'] },
  { programs: ['nginx'], packages: ['nginx-light'] },
  { programs: ['wrk'], packages: ['wrk'] },
  { programs: ['ip'], packages: ['iproute2'] },
];

/**
 * Installs what is missing where that is possible.
 * @param {(line: string) => void} say
 * @returns {string | undefined} one line that says what to install, when something is still missing
 */
export function ensureTools(say) {
  let missing = missingTools();
  if (missing.length > 0 && process.getuid?.() === 0 && find('apt-get')) {
    const packages = missing.flatMap((tool) => tool.packages);
    say(`installing ${packages.join(', ')}`);
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    missing = missingTools();
  }
  if (missing.length === 0) return undefined;
  const packages = missing.flatMap((tool) => tool.packages).join(' ');
  return `the tests need programs that are not here; on Debian: apt-get install --no-install-recommends ${packages}`;
}

function missingTools() {
  return tools.filter((tool) => !tool.programs.some(find));
}

function apt(/** @type {string[]} */ args) {
  spawnSync('apt-get', args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 15 * 60_000,
  });
}

/** Servers such as nginx live in directories that only root has on its PATH. */
function find(/** @type {string} */ program) {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return dirs.some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
