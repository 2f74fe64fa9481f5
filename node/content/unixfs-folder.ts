/** UnixFS folders over files that are stored already, and the way from a path to a CID. */
import { decode, type PBNode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { exporter } from 'ipfs-unixfs-exporter';
import { importer } from 'ipfs-unixfs-importer';
import type { CID } from 'multiformats/cid';
import { DAG_PB } from '../../protocol/cid.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { HeliographError } from '../errors.ts';
import type { FetchOptions } from './block-fetch.ts';
import type { BlockFiles } from './block-files.ts';
import { Recent } from './recent.ts';
import type { GetBlock } from './unixfs-reader.ts';

export interface FolderEntry {
  /** Relative, `/` between parts, such as `v1080/seg-00001.m4s`. */
  path: string;
  ref: FileRef;
}

export class UnixfsFolder {
  readonly #getBlock: GetBlock;
  readonly #blocks: Pick<BlockFiles, 'put'>;
  readonly #listings = new Recent<string, Map<string, CID> | null>(64);

  constructor(options: { getBlock: GetBlock; blocks: Pick<BlockFiles, 'put'> }) {
    this.#getBlock = options.getBlock;
    this.#blocks = options.blocks;
  }

  /**
   * The folder's CID: the one that any importer of the profile gives the same files (a directory that would pass
   * 256 KiB is sharded). Throws `bad-request` for a path that is taken, empty or leads out of the folder.
   */
  async add(entries: readonly FolderEntry[]): Promise<CID> {
    checkPaths(entries.map((entry) => entry.path));
    const getBlock = this.#getBlock;
    async function* stored() {
      for (const { path, ref } of entries) {
        // A link says how many bytes all blocks of the file take: for several, the root's come on top.
        const rootBytes = ref.cid.code === DAG_PB ? (await getBlock(ref.cid, {})).byteLength : 0;
        yield async () => ({ cid: ref.cid, path, size: BigInt(ref.size + rootBytes) });
      }
    }
    // The importer's own tree builder makes directories and shards; nothing is left for it to cut into blocks.
    const made = importer([], this.#blocks, {
      profile: 'unixfs-v1-2025',
      wrapWithDirectory: true,
      dagBuilder: stored,
    });
    let root: CID | undefined;
    for await (const each of made) root = each.cid;
    if (root === undefined) throw new HeliographError('internal', 'the importer made no folder');
    return root;
  }

  /** Null when the folder, or what the path meets on its way, has no such entry. */
  async resolve(root: CID, path: string, options: FetchOptions): Promise<CID | null> {
    let at: CID = root;
    for (const name of path.split('/').filter((part) => part !== '')) {
      if (at.code !== DAG_PB) return null;
      const next = await this.#entry(at, name, options);
      if (next === null) return null;
      at = next;
    }
    return at;
  }

  async #entry(folder: CID, name: string, options: FetchOptions): Promise<CID | null> {
    const key = folder.toString();
    let listing = this.#listings.get(key);
    if (listing === undefined) {
      listing = listingIn(await this.#getBlock(folder, options));
      this.#listings.set(key, listing);
    }
    return listing === null ? this.#shardedEntry(folder, name, options) : (listing.get(name) ?? null);
  }

  async #shardedEntry(folder: CID, name: string, options: FetchOptions): Promise<CID | null> {
    const getBlock = this.#getBlock;
    const store = {
      async *get(cid: CID) {
        yield await getBlock(cid, options);
      },
    };
    try {
      return (await exporter(`${folder}/${encodeURIComponent(name)}`, store)).cid;
    } catch (error) {
      if ((error as Error).name === 'NotFoundError') return null;
      throw error;
    }
  }
}

/** Entries of a directory, none for a file; null for a sharded directory, whose entries are below. */
function listingIn(block: Uint8Array): Map<string, CID> | null {
  const node: PBNode = decode(block);
  const { type } = UnixFS.unmarshal(node.Data ?? new Uint8Array());
  if (type === 'hamt-sharded-directory') return null;
  if (type !== 'directory') return new Map();
  return new Map(node.Links.map((link) => [link.Name ?? '', link.Hash]));
}

function checkPaths(paths: readonly string[]): void {
  const files = new Set<string>();
  const folders = new Set<string>();
  for (const path of paths) {
    const parts = path.split('/');
    const isBad = parts.some((part) => part === '' || part === '.' || part === '..' || part.includes('\\'));
    if (isBad) throw new HeliographError('bad-request', `"${path}" is not a path within a folder`);
    for (let depth = 1; depth < parts.length; depth++) folders.add(parts.slice(0, depth).join('/'));
    if (files.has(path)) throw new HeliographError('bad-request', `"${path}" is in the folder twice`);
    files.add(path);
  }
  for (const path of files) {
    if (folders.has(path)) throw new HeliographError('bad-request', `"${path}" is both a file and a folder`);
  }
}
