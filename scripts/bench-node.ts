/** A node for benchmarks: a real process on loopback over a given data directory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { v8Flags } from './hand-over.js';

const program = join(import.meta.dirname, '..', 'node', 'cli', 'main.ts');
const START_LIMIT_MS = 120_000;

export interface BenchNode {
  gateway: string;
  /** From the start of the process to the line that says it serves, in milliseconds. */
  startMs: number;
  /** Resident memory now, in bytes. */
  memory(): Promise<number>;
  /** The most resident memory since the start, in bytes. */
  peakMemory(): Promise<number>;
  stop(): Promise<void>;
}

export async function startBenchNode(data: string): Promise<BenchNode> {
  const config = `${data}.json`;
  await writeFile(
    config,
    JSON.stringify({
      gateway: { host: '127.0.0.1', port: 0 },
      studio: { host: '127.0.0.1', port: 0 },
      network: { listen: ['/ip4/127.0.0.1/tcp/0'], mdns: false, autonat: false },
    }),
  );
  const began = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    [...v8Flags, program, 'serve', '--json', '--data', data, '--config', config],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  if (child.stdout === null) throw new Error('the node has no stdout');
  const lines = createInterface({ input: child.stdout });
  const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(START_LIMIT_MS) });
  const { gateway } = JSON.parse(String(line)) as { gateway: string };
  const status = async (key: string) => {
    const text = await readFile(`/proc/${child.pid}/status`, 'utf8');
    return Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(text)?.[1]) * 1024;
  };
  return {
    gateway,
    startMs: performance.now() - began,
    memory: () => status('VmRSS'),
    peakMemory: () => status('VmHWM'),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
