/** Runs the real CLI as a child process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const main = join(import.meta.dirname, '..', '..', '..', 'node', 'cli', 'main.ts');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Starts `heliograph ARGS`; what it says is the caller's to read. */
export function startCli(args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
}

/** Waits for the end of a started CLI. */
export async function endOf(child: ChildProcess): Promise<CliResult> {
  if (!child.stdout || !child.stderr) throw new Error('the CLI has no pipes');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code, stdout, stderr };
}

/** Runs `heliograph ARGS` to its end. */
export function runCli(args: string[], env?: Record<string, string>): Promise<CliResult> {
  return endOf(startCli(args, env));
}
