/** UnixFS folders over files that are stored already, and the way from a path to a CID. */
import { decode, type PBLink } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { importer } from 'ipfs-unixfs-importer';
import type { CID } from 'multiformats/cid';
import { DAG_PB } from '../../protocol/cid.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { HeliographError } from '../errors.ts';
import type { FetchOptions } from './block-fetch.ts';
import type { BlockFiles } from './block-files.ts';
import { eachParallel } from './each-parallel.ts';
import { Recent } from './recent.ts';
import type { GetBlock } from './unixfs-reader.ts';

/** Directories whose names are kept in memory. The largest has 16,384. */
const LISTINGS = 16;
/** A foreign folder may be made to be endless. */
const MOST_NAMES = 100_000;
/** Shards of one directory read or fetched at one time. */
const SHARDS = 8;

export interface FolderEntry {
  /** Relative, `/` between parts, such as `v1080/seg-00001.m4s`. */
  path: string;
  ref: FileRef;
}

export class UnixfsFolder {
  readonly #getBlock: GetBlock;
  readonly #blocks: Pick<BlockFiles, 'put'>;
  readonly #listings = new Recent<string, Map<string, CID>>(LISTINGS);

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
    /** A link says how many bytes all blocks of the file take: for several, the root's come on top. */
    async function link({ path, ref }: FolderEntry) {
      const rootBytes = ref.cid.code === DAG_PB ? (await getBlock(ref.cid, {})).byteLength : 0;
      return { cid: ref.cid, path, size: BigInt(ref.size + rootBytes) };
    }
    async function* stored() {
      for (const entry of entries) yield () => link(entry);
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
      listing = new Map();
      await this.#list(folder, listing, options);
      this.#listings.set(key, listing);
    }
    return listing.get(name) ?? null;
  }

  /** All names at once, of a sharded directory too: who asks for one segment soon asks for the next. */
  async #list(folder: CID, listing: Map<string, CID>, options: FetchOptions): Promise<void> {
    const { type, fanout, links } = directoryIn(await this.#getBlock(folder, options));
    if (type === 'directory') for (const { Name, Hash } of links) listing.set(Name ?? '', Hash);
    if (type !== 'hamt-sharded-directory') return;
    if (listing.size > MOST_NAMES) {
      throw new HeliographError('too-large', `folder ${folder} has more than ${MOST_NAMES} names`);
    }
    const prefix = (fanout - 1).toString(16).length;
    await eachParallel(links, SHARDS, async ({ Name = '', Hash }) => {
      if (Name.length > prefix) listing.set(Name.slice(prefix), Hash);
      else await this.#list(Hash, listing, options);
    });
  }
}

function directoryIn(block: Uint8Array): { type: string; fanout: number; links: readonly PBLink[] } {
  const node = decode(block);
  const { type, fanout } = UnixFS.unmarshal(node.Data ?? new Uint8Array());
  return { type, fanout: Number(fanout ?? 256n), links: node.Links };
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
