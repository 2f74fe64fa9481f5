/** Runs ffmpeg and ffprobe: the one file that knows fluent-ffmpeg, child processes and how they are ended. */
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import FfmpegCommand from 'fluent-ffmpeg';

/** What is asked of one run. */
export interface Run {
  /** Program and arguments; never given to a shell. */
  argv: string[];
  cwd?: string;
  /** Longest run, in milliseconds; then the process is ended. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Bytes for stdin; without them stdin is closed. */
  input?: Uint8Array[];
  /** Called with each line of stdout, which is then not collected. */
  onLine?: (line: string) => void;
}

/** How it ended. Reading the reason out of this is the caller's work: nothing here throws for a failed program. */
export interface Ran {
  ended: 'exited' | 'killed' | 'timeout' | 'cancelled' | 'not-started';
  /** Exit code; null when a signal ended it. */
  code: number | null;
  killedBy: string | null;
  stdout: string;
  /** The last lines only. */
  stderr: string;
  error?: unknown;
}

/** From the polite signal to the one that can't be ignored. */
const graceMs = 1500;
/** Nothing of the node's own environment. A static ffprobe crashes on the character sets that the system would load. */
const environment = {
  PATH: '/usr/bin:/bin',
  LANG: 'C.UTF-8',
  AV_LOG_FORCE_NOCOLOR: '1',
  GCONV_PATH: '/nonexistent',
};
const maxStdoutBytes = 256 * 1024 * 1024;

/** fluent-ffmpeg's own way to start a process, which its types leave out; its release is final. */
interface Spawner {
  setFfmpegPath(path: string): unknown;
  _spawnFfmpeg(
    args: string[],
    options: SpawnOptions & { stdoutLines: number },
    started: (process: ChildProcess) => void,
    ended: (error: Error | null, stdout: unknown, stderr?: { get(): string }) => void,
  ): void;
}

/** Runs one program to its end. Resolves only when the process is gone and its pipes are closed. */
export function run(request: Run): Promise<Ran> {
  const { signal } = request;
  const [program, ...args] = request.argv;
  if (!program) throw new Error('run: no program');
  if (signal?.aborted) {
    return Promise.resolve({ ended: 'cancelled', code: null, killedBy: null, stdout: '', stderr: '' });
  }
  return new Promise((resolve) => {
    let child: ChildProcess | undefined;
    let why: 'timeout' | 'cancelled' | undefined;
    let killer: NodeJS.Timeout | undefined;
    let stdout = '';
    let stdoutDone: Promise<void> = Promise.resolve();
    const end = (reason: 'timeout' | 'cancelled') => {
      why ??= reason;
      if (killer !== undefined) return;
      child?.kill('SIGTERM');
      killer = setTimeout(() => child?.kill('SIGKILL'), graceMs);
    };
    const onAbort = () => end('cancelled');
    const timer = setTimeout(() => end('timeout'), Math.min(request.timeoutMs, 2 ** 31 - 1));
    signal?.addEventListener('abort', onAbort, { once: true });

    const command = FfmpegCommand() as unknown as Spawner;
    // The library keeps this path for the whole process, but uses it before the next statement runs.
    command.setFfmpegPath(program);
    command._spawnFfmpeg(
      args,
      {
        stdoutLines: 60,
        cwd: request.cwd,
        env: environment,
        stdio: [request.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      },
      (process) => {
        child = process;
        stdoutDone = readLines(process, (line) => {
          if (request.onLine) request.onLine(line);
          else if (stdout.length < maxStdoutBytes) stdout += `${line}\n`;
        });
        // A program that has read enough closes its stdin; that is no failure.
        process.stdin?.on('error', () => {});
        for (const chunk of request.input ?? []) process.stdin?.write(chunk);
        process.stdin?.end();
      },
      (error, _stdout, stderr) => {
        const finish = () => {
          clearTimeout(timer);
          clearTimeout(killer);
          signal?.removeEventListener('abort', onAbort);
          const code = child?.exitCode ?? null;
          const killedBy = child?.signalCode ?? null;
          const started = child?.pid !== undefined;
          resolve({
            ended: why ?? (!started ? 'not-started' : killedBy ? 'killed' : 'exited'),
            code,
            killedBy,
            stdout,
            stderr: stderr?.get() ?? '',
            ...(error ? { error } : {}),
          });
        };
        if (child?.pid === undefined) finish();
        else stdoutDone.then(finish);
      },
    );
  });
}

function readLines(process: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const { stdout } = process;
  if (!stdout) return Promise.resolve();
  stdout.setEncoding('utf8');
  let rest = '';
  stdout.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
  return new Promise((resolve) => {
    stdout.once('close', () => {
      if (rest) onLine(rest);
      resolve();
    });
  });
}
