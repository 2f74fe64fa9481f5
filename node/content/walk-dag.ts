/** Going through everything below a root, each block once, several at one time. */
import type { CID } from 'multiformats/cid';
import { RAW } from '../../protocol/cid.ts';

const WIDTH = 16;

/**
 * 52 bits of a block's digest. A film has tens of thousands of leaves and a node many films: as numbers their set
 * is a quarter of what it is as text. Two leaves that share one (unlikely below a hundred million) count as one.
 */
export function leafNumber(cid: CID): number {
  const { digest } = cid.multihash;
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  return view.getUint32(0) * 2 ** 20 + (view.getUint32(4) >>> 12);
}

/** What a walk has met. One may go on over several roots. */
export class Walked {
  /** Blocks that can have links: kept whole, for one taken for another would hide all that is below it. */
  readonly inner = new Set<string>();
  readonly leaves = new Set<number>();

  /** Whether this block is new to the walk. */
  add(cid: CID): boolean {
    const before = this.inner.size + this.leaves.size;
    if (cid.code === RAW) this.leaves.add(leafNumber(cid));
    else this.inner.add(cid.toString());
    return this.inner.size + this.leaves.size > before;
  }
}

/**
 * Calls `open` once on the root and on everything it leads to; `open` resolves with what a block links to. The
 * first failure is thrown once what had begun has ended.
 */
export async function walkDag(
  root: CID,
  open: (cid: CID) => Promise<readonly CID[]>,
  options: { walked: Walked; signal?: AbortSignal },
): Promise<void> {
  const { walked, signal } = options;
  const waiting: CID[] = walked.add(root) ? [root] : [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];

  async function visit(cid: CID): Promise<void> {
    try {
      for (const link of await open(cid)) if (walked.add(link)) waiting.push(link);
    } catch (error) {
      failures.push(error);
    }
  }

  while (waiting.length + running.size > 0 && failures.length === 0) {
    signal?.throwIfAborted();
    for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
      const run = visit(cid).finally(() => running.delete(run));
      running.add(run);
      if (running.size >= WIDTH) break;
    }
    await Promise.race(running);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
