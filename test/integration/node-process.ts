/** A real node in a process and data directory of its own, driven as a person would: by its command line and HTTP. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '../../node/config.ts';

const main = fileURLToPath(new URL('../../node/cli/main.ts', import.meta.url));
const START_LIMIT_MS = 60_000;

/** What `serve --json` prints once the node is ready. */
export interface Ready {
  gateway: string;
  studio: string;
  signIn: string;
  addresses: string[];
  peer: string;
  data: string;
}

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** A node on loopback and free ports that finds nobody by itself. */
const onThisMachineOnly: ConfigInput = {
  gateway: { host: '127.0.0.1', port: 0 },
  studio: { host: '127.0.0.1', port: 0 },
  network: {
    listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
    mdns: false,
    autonat: false,
  },
  log: 'warn',
};

export class NodeProcess {
  readonly data: string;
  ready!: Ready;
  /** Everything on stderr. */
  log = '';
  private child!: ChildProcess;

  private constructor(data: string) {
    this.data = data;
  }

  /** Starts a node and resolves when it serves; rejects with what it said when it ends before that. */
  static async start(data: string, config: ConfigInput = {}): Promise<NodeProcess> {
    const node = new NodeProcess(data);
    await mkdir(data, { recursive: true });
    const file = join(data, 'test-config.json');
    await writeFile(file, JSON.stringify(merge(onThisMachineOnly, config)));
    node.child = spawn(process.execPath, [main, 'serve', '--json', '--data', data, '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    node.child.stderr?.on('data', (chunk) => {
      node.log += chunk;
    });
    node.ready = await node.firstLine();
    return node;
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  private async firstLine(): Promise<Ready> {
    const { stdout } = this.child;
    if (stdout === null) throw new Error('the node has no stdout');
    const lines = createInterface({ input: stdout });
    const limit = AbortSignal.timeout(START_LIMIT_MS);
    const line = once(lines, 'line', { signal: limit }).then(([text]) => {
      const said = JSON.parse(text) as Ready & { error?: { message: string } };
      if (said.error) throw new Error(said.error.message);
      return said as Ready;
    });
    const exit = once(this.child, 'exit', { signal: limit }).then(([code]) => {
      throw new Error(`the node ended with code ${code}: ${this.log}`);
    });
    exit.catch(() => {});
    line.catch(() => {});
    return Promise.race([line, exit]);
  }

  /** Runs a verb of the command line against this node; rejects when it fails. */
  async cli<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.tryCli(...args, '--json');
    if (code !== 0) throw new Error(`heliograph ${args.join(' ')} failed: ${stderr}${stdout}`);
    return JSON.parse(stdout) as T;
  }

  tryCli(...args: string[]): Promise<Finished> {
    return runCli([...args, '--data', this.data]);
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(new URL(path, this.ready.gateway));
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Asks it to stop; its exit code. */
  async stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const exit = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = await exit;
    return code;
  }
}

/** Runs the command line to its end. */
export function runCli(args: string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr });
    });
  });
}

/** Polls something that has no event of its own until it holds, within a limit. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | false>,
  limitMs = 30_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const result = await check();
    if (result !== false) return result;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function merge(base: ConfigInput, over: ConfigInput): ConfigInput {
  return {
    ...base,
    ...over,
    gateway: { ...base.gateway, ...over.gateway },
    studio: { ...base.studio, ...over.studio },
    network: { ...base.network, ...over.network },
  };
}
