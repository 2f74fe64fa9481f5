/** What is put before every run of ffmpeg: limits, no network, and death together with the node. */
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './ffmpeg.ts';

/**
 * Small programs of util-linux that set a thing and then become the next program, so that the process started is
 * ffmpeg itself. What a machine lacks is left out; protocols and formats are still named on every command line.
 */
export interface Guard {
  /** `prlimit`, for limits that differ from run to run; null where it is missing. */
  limits: string | null;
  /** A network of its own (with nothing in it), then a kill by the kernel when the node dies. */
  wrap: string[];
  /** Whether ffmpeg can outlive a node that is killed; false wherever `setpriv` exists. */
  orphans: boolean;
  networkless: boolean;
}

/** What one run may use; null is no limit. */
export interface ProcessLimits {
  memoryBytes: number | null;
  /** CPU seconds, a second net under the wall clock. */
  cpuSeconds: number | null;
}

/** Tries each wrapper once, since containers often forbid some. */
export async function findGuard(signal?: AbortSignal): Promise<Guard> {
  const works = async (argv: string[]) =>
    (await run({ argv: [...argv, '/bin/true'], timeoutMs: 10_000, ...(signal ? { signal } : {}) })).code ===
    0;
  const wrap: string[] = [];
  const unshare = await which('unshare');
  // Root makes a network namespace as it is; anyone else needs a user namespace around it. Either way the process
  // keeps its own user, so that it can read exactly the files that the node can.
  const flags = process.getuid?.() === 0 ? ['--net'] : ['--user', '--net'];
  const networkless = unshare !== null && (await works([unshare, ...flags]));
  if (networkless) wrap.push(unshare, ...flags);
  const setpriv = await which('setpriv');
  // Comes last: entering a user namespace would clear the death signal.
  const deathsig = setpriv ? [setpriv, '--pdeathsig', 'KILL', '--no-new-privs'] : [];
  const mortal = setpriv !== null && (await works([...wrap, ...deathsig]));
  if (mortal) wrap.push(...deathsig);
  const prlimit = await which('prlimit');
  const limits = prlimit && (await works([prlimit, '--core=0'])) ? prlimit : null;
  return { limits, wrap, orphans: !mortal, networkless };
}

/** The whole command line of a guarded run. */
export function guarded(guard: Guard, limits: ProcessLimits, argv: string[]): string[] {
  const set = ['--core=0'];
  if (limits.memoryBytes !== null) set.push(`--as=${Math.ceil(limits.memoryBytes)}`);
  if (limits.cpuSeconds !== null) set.push(`--cpu=${Math.ceil(limits.cpuSeconds)}`);
  return [...(guard.limits ? [guard.limits, ...set] : []), ...guard.wrap, ...argv];
}

async function which(name: string): Promise<string | null> {
  for (const folder of ['/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    const path = join(folder, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  return null;
}
