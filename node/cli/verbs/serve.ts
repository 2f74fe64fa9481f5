/** `serve`: runs the node in the foreground until it is told to stop. */
import type { Command } from 'commander';
import { parseConfig } from '../../config.ts';
import { HeliographError } from '../../errors.ts';
import type { RunningNode } from '../../node.ts';
import { parseEndpoint } from '../endpoint.ts';
import { errorLine } from '../report-failure.ts';
import { layFlagsOver, readConfigFile, type ServeFlags } from '../serve-config.ts';
import { formatFields } from '../table.ts';
import { onVerb } from '../verb.ts';

/** A node that has not stopped by then is ended as it is; what it keeps survives that. */
const STOP_WITHIN_MS = 30_000;

export function addServeVerb(program: Command): void {
  const serve = program
    .command('serve')
    .description('run the node in the foreground (Ctrl-C stops it cleanly, a second one at once)')
    .option(
      '--gateway <host:port>',
      'where the public gateway listens (default: 0.0.0.0:8080)',
      parseEndpoint,
    )
    .option('--studio <host:port>', 'where the studio listens (default: 127.0.0.1:8081)', parseEndpoint)
    .option('--listen <multiaddr...>', 'libp2p addresses to listen on')
    .option('--bootstrap <multiaddr...>', 'libp2p addresses of nodes to join')
    .option('--config <file>', 'JSON file of all settings; flags override it')
    .addHelpText(
      'after',
      '\nWith --json one line is printed once the node is ready, and nothing on stdout after it:\n' +
        '{"ready":true,"gateway","studio","signIn","addresses","peer","ffmpeg","data"}',
    );
  onVerb<ServeFlags & { config?: string }>(serve, async ({ data, json }, { config: file, ...flags }) => {
    const settings = file === undefined ? {} : await readConfigFile(file);
    const config = parseConfig(layFlagsOver(settings, { ...flags, data }));
    const ask = listenForStop();
    const { createNode } = await import('../../node.ts');
    const node = await createNode(config);
    await node.start();
    if (!ask.signal.aborted) process.stdout.write(`${json ? readyLine(node, config.data) : welcome(node)}\n`);
    await ask.stop;
    if (!json) process.stderr.write('heliograph: stopping\n');
    await stopInTime(node);
    // Something in a library may still hold the process; nothing of ours does.
    process.exit(0);
  });
}

/** The first SIGTERM, SIGINT or SIGHUP resolves `stop`; one after it ends the process on the spot. */
function listenForStop(): { stop: Promise<void>; signal: AbortSignal } {
  const asked = new AbortController();
  const stop = new Promise<void>((resolve) => {
    const onSignal = () => {
      if (asked.signal.aborted) {
        process.stderr.write('heliograph: stopped without waiting\n');
        process.exit(1);
      }
      asked.abort();
      resolve();
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, onSignal);
  });
  return { stop, signal: asked.signal };
}

async function stopInTime(node: RunningNode): Promise<void> {
  const overdue = setTimeout(() => {
    process.stderr.write(`${errorLine(`the node did not stop within ${STOP_WITHIN_MS / 1000} s; ended`)}\n`);
    process.exit(1);
  }, STOP_WITHIN_MS);
  try {
    await node.stop();
  } catch (error) {
    throw new HeliographError('internal', `the node did not stop cleanly: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    clearTimeout(overdue);
  }
}

function readyLine(node: RunningNode, data: string): string {
  return JSON.stringify({
    ready: true,
    gateway: node.gatewayUrl(),
    studio: node.studioUrl(),
    signIn: node.signInUrl(),
    addresses: node.addresses(),
    peer: node.peerId,
    ffmpeg: node.ffmpeg,
    data,
  });
}

function welcome(node: RunningNode): string {
  return formatFields([
    ['Gateway', node.gatewayUrl()],
    ['Studio', `${node.signInUrl()} (signs you in once)`],
    ...node.addresses().map((address): [string, string] => ['Address', address]),
    ['Tools', node.ffmpeg],
    ['', 'Friends join you with --bootstrap ADDRESS. Ctrl-C stops the node.'],
  ]);
}
