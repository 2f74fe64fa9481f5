/** `bench start`: how long a node takes to serve with 10,000 items in its catalogue, beside one with none. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBenchNode } from '../bench-node.ts';
import { makeChannel } from '../made-channel.ts';

const ITEMS = 10_000;
const RUNS = 3;

const directory = await mkdtemp(join(tmpdir(), 'heliograph-bench-start-'));
try {
  const full = join(directory, 'full');
  const empty = join(directory, 'empty');
  await makeChannel(full, { items: ITEMS, say: console.log });
  await makeChannel(empty, { items: 0 });
  const times = { full: [] as number[], empty: [] as number[] };
  for (let run = 0; run < RUNS; run++) {
    for (const [name, data] of [
      ['empty', empty],
      ['full', full],
    ] as const) {
      const node = await startBenchNode(data);
      times[name].push(node.startMs);
      const { channels } = (await (await fetch(`${node.gateway}/api/v1/channels`)).json()) as {
        channels: { items: number }[];
      };
      console.log(`${name}: ${Math.round(node.startMs)} ms, ${channels[0]?.items} items listed`);
      await node.stop();
    }
  }
  const [fullMs, emptyMs] = [median(times.full), median(times.empty)];
  console.log(
    JSON.stringify({
      bench: 'start',
      ratio: round(fullMs / emptyMs),
      seconds: round(fullMs / 1000),
      emptySeconds: round(emptyMs / 1000),
      items: ITEMS,
    }),
  );
} finally {
  await rm(directory, { recursive: true, force: true });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
