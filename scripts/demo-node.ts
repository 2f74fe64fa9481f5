/** A node of the demo: a real `heliograph serve` in a process and a data directory of its own, driven by the CLI. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';

const program = join(import.meta.dirname, '..', 'node', 'cli', 'main.ts');
const tether = pathToFileURL(join(import.meta.dirname, 'tether.js')).href;
const startLimitMs = 60_000;
const stopLimitMs = 20_000;

/** The line that `serve --json` prints once it is ready. */
const readyLine = z.object({ gateway: z.string(), addresses: z.array(z.string()) });

export interface DemoNodeOptions {
  name: string;
  /** Data directory, which `stop()` removes; the configuration goes beside it, as `<data>.json`. */
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
  #addresses: string[] = [];

  constructor(options: DemoNodeOptions) {
    this.#options = options;
  }

  /** The gateway's base, such as `http://127.0.0.1:8080`, without a slash at its end. */
  get url(): string {
    return this.#url;
  }

  /** Multiaddrs that another node can dial. */
  get addresses(): string[] {
    return this.#addresses;
  }

  /** Resolves when the node says that it is ready; throws when it ended or a minute passed before that. */
  async start(signal: AbortSignal): Promise<void> {
    const { data, port, bootstrap } = this.#options;
    // A demo keeps to itself: it neither looks for nor shows itself to other nodes on the local network.
    const config = `${data}.json`;
    await writeFile(config, JSON.stringify({ network: { mdns: false, upnp: false, autonat: false } }));
    const child = spawn(
      process.execPath,
      [
        ...['--import', tether, program, 'serve', '--json', '--data', data, '--config', config],
        ...['--gateway', `127.0.0.1:${await freeOr0(port)}`, '--studio', '127.0.0.1:0'],
        ...['--listen', '/ip4/127.0.0.1/tcp/0', '--listen', '/ip4/127.0.0.1/tcp/0/ws'],
        ...bootstrap.flatMap((address) => ['--bootstrap', address]),
      ],
      // A group of its own: a signal to the demo's group must not reach the node beside the one from `stop()`.
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'], detached: process.platform !== 'win32' },
    );
    this.#process = child;
    this.#ended = once(child, 'exit');
    const line = await firstLine(child, AbortSignal.any([signal, AbortSignal.timeout(startLimitMs)]));
    if (line === undefined) throw new Error(`node ${this.#options.name} did not start`);
    const ready = readyLine.parse(JSON.parse(line));
    this.#url = ready.gateway.replace(/\/$/, '');
    this.#addresses = ready.addresses;
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

/** What the process first says on stdout; undefined when it ends, or the signal comes, before that. */
async function firstLine(child: ChildProcess, signal: AbortSignal): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const reader = createInterface({ input: child.stdout, signal });
  for await (const line of reader) return line;
  return undefined;
}

/** `port` when nothing listens there, else 0, which lets the node choose. */
async function freeOr0(port: number): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}
