/** The content room's interface: blocks, files, folders and pins over one Helia. */
import type { PeerId } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { Helia } from 'helia';
import type { CID } from 'multiformats/cid';
import type { FileRef } from '../../protocol/manifest.ts';
import type { Service } from '../lifecycle.ts';

/** A node that may have blocks: a peer id, one address or several, as text or parsed. */
export type Provider = string | PeerId | Multiaddr | Multiaddr[];

export interface FetchOptions {
  /** Ends the wait: `timeout` when its reason is a TimeoutError, else `cancelled`. */
  signal?: AbortSignal;
  /** What is not here is asked for: `true` asks the connected nodes, a list asks these first. Default: not asked. */
  fetch?: boolean | readonly Provider[];
}

export interface RangeOptions extends FetchOptions {
  /** First byte. Default 0. */
  offset?: number;
  /** Most bytes. Default: to the end. */
  length?: number;
}

export type ContentKind = 'raw' | 'file' | 'directory' | 'block';

export interface ContentStat {
  /** Bytes of a file; of the block itself for directories and other blocks. */
  size: number;
  kind: ContentKind;
}

/** What a garbage collection removed. */
export interface Collected {
  blocks: number;
  bytes: number;
}

/**
 * Errors: `not-found` (not here, or nobody asked has it), `bad-block` (here, but its bytes no longer hash to its
 * CID; it was removed, so that the next fetch brings a good one; or a file that is not what its reference says),
 * `disk-full` (would go below the reserve), `too-large`, `timeout`, `cancelled`.
 */
export interface Content extends Service {
  /** For protocols over it. It pins and collects nothing by itself: use `pin` and `collect`. */
  readonly helia: Helia;

  /** Stores one file of the disk, as `protocol/segment.ts` cuts it. */
  addFile(path: string, options?: { signal?: AbortSignal }): Promise<FileRef>;
  addBytes(bytes: Uint8Array): Promise<FileRef>;
  /** Stores a DAG-CBOR block (manifest, list, library, record) of at most 1 MiB. */
  addBlock(dagCbor: Uint8Array): Promise<CID>;
  /** A UnixFS folder over files stored already: only its directories are new. Paths may nest. */
  addFolder(entries: readonly { path: string; ref: FileRef }[]): Promise<CID>;

  getBlock(cid: CID, options?: FetchOptions): Promise<Uint8Array>;
  hasBlock(cid: CID): Promise<boolean>;
  /** Whether the root and every leaf are here. */
  hasFile(cid: CID): Promise<boolean>;
  /** From what is here; null when it is not. */
  stat(cid: CID): Promise<ContentStat | null>;
  /** A file's bytes, or a range of them, as one Buffer; `too-large` above 64 MiB. A one-block file is one read. */
  readFile(cid: CID, options?: RangeOptions): Promise<Buffer>;
  /** The same in pieces of at most 1 MiB, for files of any length. */
  streamFile(cid: CID, options?: RangeOptions): AsyncIterable<Uint8Array>;
  /** The CID at a path such as `v1080/index.m3u8` in a folder; null when the folder has no such entry. */
  resolve(cid: CID, path: string, options?: FetchOptions): Promise<CID | null>;
  /** Brings a whole file here. Refuses (`bad-block`) one that is not exactly `ref.size` bytes. */
  fetchFile(
    ref: FileRef,
    options?: { signal?: AbortSignal; providers?: readonly Provider[] },
  ): Promise<void>;

  /**
   * Keeps a root and all that it links to (manifest → lists → segments; folder → files), once all of it is here
   * (`fetch` brings what is missing) and on the disk. Pinning twice is harmless.
   */
  pin(root: CID, options?: FetchOptions): Promise<void>;
  unpin(root: CID): Promise<void>;
  isPinned(root: CID): Promise<boolean>;
  pins(): AsyncIterable<CID>;
  /**
   * While `work` runs nothing is collected: storing and pinning are one. May nest. Keep it short: a long one
   * puts collection off.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Removes every block that no pin reaches. Waits for all `hold`s. */
  collect(options?: { signal?: AbortSignal }): Promise<Collected>;

  /** Bytes of all blocks here. */
  diskUsed(): number;
  /** Bytes that may still be stored: what the disk has free, less the reserve. */
  diskFree(): Promise<number>;
  /** Resolves when everything stored so far is on the disk for good. Call before announcing anything. */
  sync(): Promise<void>;
}
