/** `bench memory`: what a node holds in memory while eight viewers read a four-hour film, beside the same node idle. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBenchNode } from '../bench-node.ts';
import { makeChannel } from '../made-channel.ts';

const SEGMENTS = (4 * 3600) / 2;
/** Two seconds of 1080p at 4 Mbit/s. */
const SEGMENT_BYTES = 1_000_000;
const VIEWERS = 8;
/** Each viewer reads one segment in so many, over the whole length of the film. */
const STRIDE = 8;
const MIB = 1024 * 1024;

const directory = await mkdtemp(join(tmpdir(), 'heliograph-bench-memory-'));
try {
  const data = join(directory, 'data');
  const { segments } = await makeChannel(data, {
    items: 1,
    film: { segments: SEGMENTS, segmentBytes: SEGMENT_BYTES },
    say: console.log,
  });
  const node = await startBenchNode(data);
  const idle = await node.memory();
  let bytes = 0;
  const began = performance.now();
  // Each viewer is a little behind the one before it, as people are.
  await Promise.all(
    Array.from({ length: VIEWERS }, async (_, viewer) => {
      for (let n = 0; n < segments.length; n += STRIDE) {
        const { cid } = segments[(n + viewer * 40) % segments.length] ?? {};
        const response = await fetch(`${node.gateway}/ipfs/${cid}`);
        if (!response.ok) throw new Error(`GET /ipfs/${cid}: ${response.status}`);
        bytes += (await response.arrayBuffer()).byteLength;
        if (viewer === 0 && n % 1200 === 0)
          console.log(`segment ${n}: ${Math.round((await node.memory()) / MIB)} MiB`);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  const peak = await node.peakMemory();
  await node.stop();
  console.log(
    JSON.stringify({
      bench: 'memory',
      ratio: Math.round((peak / idle) * 100) / 100,
      peakMb: Math.round(peak / 1e6),
      idleMb: Math.round(idle / 1e6),
      servedGb: Math.round(bytes / 1e8) / 10,
      seconds: Math.round(seconds),
    }),
  );
} finally {
  await rm(directory, { recursive: true, force: true });
}
