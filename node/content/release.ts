/** Lets go of pinned roots: one film published twice is one root, so it stays while any part of the node uses it. */
import type { CID } from 'multiformats/cid';
import { type Log, scoped } from '../log.ts';
import type { Content } from './content.ts';

export interface Release {
  /** Unpins the root unless something still uses it, and has what is no longer needed collected soon. */
  (root: CID): Promise<void>;
  /** Lets go of every pinned root that nothing uses and nobody knows: what a crash between two steps has left. */
  leftovers(known: Iterable<string>): Promise<void>;
}

export function createRelease(options: {
  content: Pick<Content, 'unpin' | 'collect' | 'pins'>;
  /** For each part of the node: the roots it uses. */
  roots: readonly (() => Iterable<string>)[];
  log: Log;
  /** Ends a collection under way. */
  signal: AbortSignal;
}): Release {
  const { content, signal } = options;
  const log = scoped(options.log, 'node/content/release');
  let collecting = false;
  let again = false;

  const used = () => new Set(options.roots.flatMap((roots) => [...roots()]));

  async function collect(): Promise<void> {
    collecting = true;
    while (again) {
      again = false;
      const { blocks, bytes } = await content.collect({ signal });
      log.info({ blocks, bytes }, 'collected what nothing uses');
    }
  }

  function collectSoon(): void {
    again = true;
    if (collecting) return;
    collect()
      .catch((error) => signal.aborted || log.error({ error }, 'collecting failed; old blocks stay'))
      .finally(() => {
        collecting = false;
      });
  }

  async function release(root: CID): Promise<void> {
    if (used().has(root.toString())) return;
    await content.unpin(root);
    collectSoon();
  }

  async function leftovers(known: Iterable<string>): Promise<void> {
    const needed = new Set([...used(), ...known]);
    const unused: CID[] = [];
    for await (const root of content.pins()) if (!needed.has(root.toString())) unused.push(root);
    for (const root of unused) await content.unpin(root);
    if (unused.length === 0) return;
    log.info({ roots: unused.length }, 'let go of what a crash had left');
    collectSoon();
  }

  return Object.assign(release, { leftovers });
}
