/** Lets go of pinned roots: one film published twice is one root, so it stays while any part of the node uses it. */
import type { CID } from 'multiformats/cid';
import { type Log, scoped } from '../log.ts';
import type { Content } from './content.ts';

/** Unpins the root unless something still uses it, and has what is no longer needed collected soon. */
export type Release = (root: CID) => Promise<void>;

export function createRelease(options: {
  content: Pick<Content, 'unpin' | 'collect'>;
  /** Each tells whether one part of the node still uses a root. */
  uses: readonly ((root: CID) => boolean)[];
  log: Log;
  /** Ends a collection under way. */
  signal: AbortSignal;
}): Release {
  const log = scoped(options.log, 'node/content/release');
  let collecting = false;
  let again = false;

  async function collect(): Promise<void> {
    collecting = true;
    while (again) {
      again = false;
      const { blocks, bytes } = await options.content.collect({ signal: options.signal });
      log.info({ blocks, bytes }, 'collected what nothing uses');
    }
  }

  return async (root) => {
    if (options.uses.some((uses) => uses(root))) return;
    await options.content.unpin(root);
    again = true;
    if (collecting) return;
    collect()
      .catch((error) => options.signal.aborted || log.error({ error }, 'collecting failed; old blocks stay'))
      .finally(() => {
        collecting = false;
      });
  };
}
