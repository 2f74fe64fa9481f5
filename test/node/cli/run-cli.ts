/** Runs the real CLI: as a child process, or in this one, which takes milliseconds. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runProgram } from '../../../node/cli/run-program.ts';

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

/** Runs `heliograph ARGS` to its end in this process. Not for verbs that wait for signals. */
export async function runHere(args: string[]): Promise<CliResult> {
  const said = { stdout: '', stderr: '' };
  const code = await runProgram(args, {
    out: (words) => {
      said.stdout += words;
    },
    err: (words) => {
      said.stderr += words;
    },
  });
  return { code, ...said };
}

export interface ServingCli {
  child: ChildProcess;
  ready: { gateway: string; studio: string; signIn: string; addresses: string[]; peer: string; data: string };
  /** What it said after it was ready, once it has ended. */
  ended: Promise<CliResult>;
  /** Ends it if it still runs. */
  kill(): Promise<void>;
}

/** Runs `heliograph serve --json ARGS` and waits until it is ready. Throws with what it said when it ends before. */
export async function serveCli(args: string[]): Promise<ServingCli> {
  const child = startCli(['serve', '--json', ...args]);
  const { stdout: out, stderr: err } = child;
  if (!out || !err) throw new Error('the CLI has no pipes');
  let stdout = '';
  let stderr = '';
  err.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk;
  });
  const line = new Promise<string>((resolve) => {
    out.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (stdout.includes('\n')) resolve(stdout.slice(0, stdout.indexOf('\n')));
    });
  });
  const ended = once(child, 'close').then(([code]) => ({
    code,
    stdout: stdout.slice(stdout.indexOf('\n') + 1),
    stderr,
  }));
  const tooEarly = ended.then(() => Promise.reject(new Error(`serve ended: ${stderr}`)));
  // Only its being too early matters, and only now.
  tooEarly.catch(() => {});
  const ready = JSON.parse(await Promise.race([line, tooEarly]));
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  };
  return { child, ready, ended, kill };
}
