/** A node of the demo: a real `heliograph serve` in a process and a data directory of its own, driven by the CLI. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const program = join(import.meta.dirname, '..', 'node', 'cli', 'main.ts');
const tether = pathToFileURL(join(import.meta.dirname, 'tether.js')).href;
const startLimitMs = 60_000;
const stopLimitMs = 15_000;

export interface DemoNodeOptions {
  name: string;
  /** Data directory; made here and removed by `stop()`. */
  data: string;
  /** Gateway's port if it is free, else any free one. */
  port: number;
  /** Multiaddrs of nodes to dial. */
  bootstrap: string[];
}

export class DemoNode {
  readonly #options: DemoNodeOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<unknown> = Promise.resolve();
  #url = '';

  constructor(options: DemoNodeOptions) {
    this.#options = options;
  }

  /** The gateway's base, such as `http://127.0.0.1:8080`. */
  get url(): string {
    return this.#url;
  }

  /** Resolves when the gateway says that the node serves; throws when it ended or a minute passed before that. */
  async start(signal: AbortSignal): Promise<void> {
    const { data, port, bootstrap } = this.#options;
    await mkdir(data, { recursive: true });
    // A demo keeps to itself: it neither looks for nor shows itself to other nodes on the local network.
    const config = join(data, 'demo.json');
    await writeFile(config, JSON.stringify({ network: { mdns: false, upnp: false, autonat: false } }));
    const gateway = `127.0.0.1:${await freePort(port)}`;
    this.#url = `http://${gateway}`;
    const child = spawn(
      process.execPath,
      [
        ...['--import', tether, program, 'serve', '--data', data, '--config', config],
        ...['--gateway', gateway, '--studio', `127.0.0.1:${await freePort(0)}`],
        ...['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws'],
        ...bootstrap.flatMap((address) => ['--bootstrap', address]),
      ],
      { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    );
    this.#process = child;
    this.#ended = once(child, 'exit');
    await this.#healthy(AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]));
  }

  async #healthy(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (this.#process?.exitCode !== null)
        throw new Error(`node ${this.#options.name} ended while starting`);
      const answer = await fetch(`${this.#url}/health`, { signal }).catch(() => undefined);
      if (answer?.ok) return;
      if (signal.aborted) throw new Error(`node ${this.#options.name} did not serve within a minute`);
      await sleep(100, undefined, { signal }).catch(() => {});
    }
  }

  /** Runs a verb with `--json` against this node and gives what it printed; its progress goes to the terminal. */
  async run(args: string[], signal: AbortSignal): Promise<unknown> {
    const child = spawn(process.execPath, [program, ...args, '--json', '--data', this.#options.data], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const kill = () => child.kill('SIGTERM');
    signal.addEventListener('abort', kill, { once: true });
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    signal.removeEventListener('abort', kill);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`heliograph ${args[0]} failed on node ${this.#options.name}`);
    return JSON.parse(output);
  }

  /** Ends the process and removes its data; harmless when it never started. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
      await this.#ended;
      clearTimeout(late);
    }
    await rm(this.#options.data, { recursive: true, force: true });
  }
}

/** `wanted` when nothing listens there, else a port that the system chooses. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer();
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  const port = await listen(wanted).catch(() => listen(0));
  await new Promise((resolve) => server.close(resolve));
  return port;
}
