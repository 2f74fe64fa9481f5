/** The roots that are kept, each on the disk before it counts. */
import type { Level } from 'level';
import { CID } from 'multiformats/cid';

const PREFIX = '/heliograph/pins/';

/**
 * Helia's own pins count references in every block below a root, by read-modify-write without a lock: slow for ten
 * thousand segments and wrong after a crash in between. A root is one key here; collecting walks from the roots.
 */
export class PinSet {
  readonly #db: Level<string, Uint8Array>;

  constructor(db: Level<string, Uint8Array>) {
    this.#db = db;
  }

  async add(root: CID): Promise<void> {
    await this.#db.put(PREFIX + root.toString(), new Uint8Array(), { sync: true });
  }

  async remove(root: CID): Promise<void> {
    await this.#db.del(PREFIX + root.toString(), { sync: true });
  }

  async has(root: CID): Promise<boolean> {
    return (await this.#db.get(PREFIX + root.toString())) !== undefined;
  }

  async *all(): AsyncGenerator<CID> {
    for await (const key of this.#db.keys({ gt: PREFIX, lt: `${PREFIX}~` })) {
      yield CID.parse(key.slice(PREFIX.length));
    }
  }
}
