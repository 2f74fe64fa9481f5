/** The content room's interface: blocks, files, folders and pins over one Helia. */
import type { Helia } from 'helia';
import type { CID } from 'multiformats/cid';
import type { FileRef } from '../../protocol/manifest.ts';
import type { Service } from '../lifecycle.ts';
import type { FetchOptions, Provider } from './block-fetch.ts';
import type { Collected } from './collect-garbage.ts';
import type { FolderEntry } from './unixfs-folder.ts';
import type { ContentStat, RangeOptions, ReadOptions } from './unixfs-reader.ts';

export type { FetchOptions, Provider } from './block-fetch.ts';
export type { Collected } from './collect-garbage.ts';
export type { FolderEntry } from './unixfs-folder.ts';
export type { ContentKind, ContentStat, RangeOptions, ReadOptions } from './unixfs-reader.ts';

export interface PinOptions extends FetchOptions {
  /** Bytes that this pin may fetch from the network; `too-large` beyond. Default: no limit. */
  limit?: number | undefined;
}

/**
 * Errors: `not-found` (not here, or nobody asked has it), `bad-block` (here, but its bytes no longer hash to its
 * CID; it was removed, so that the next fetch brings a good one; or a file that is not what its reference says),
 * `disk-full` (would go below the reserve), `too-large`, `bad-request` (no file, no path), `timeout`, `cancelled`.
 */
export interface Content extends Service {
  /** For protocols over it. It pins and collects nothing by itself: use `pin` and `collect`. */
  readonly helia: Helia;

  /** Stores one file of the disk, as `protocol/segment.ts` cuts it. */
  addFile(path: string, options?: { signal?: AbortSignal | undefined }): Promise<FileRef>;
  addBytes(bytes: Uint8Array): Promise<FileRef>;
  /** Stores a DAG-CBOR block (manifest, list, library, record) of at most 1 MiB. */
  addBlock(dagCbor: Uint8Array): Promise<CID>;
  /** A UnixFS folder over files stored already: only its directories are new. Paths may nest. */
  addFolder(entries: readonly FolderEntry[]): Promise<CID>;

  getBlock(cid: CID, options?: ReadOptions): Promise<Uint8Array>;
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
    options?: { signal?: AbortSignal | undefined; providers?: readonly Provider[] | undefined },
  ): Promise<void>;

  /**
   * Keeps a root and all that it links to (manifest → lists → segments; folder → files), once all of it is here
   * (`fetch` brings what is missing, up to `limit` bytes) and on the disk. Pinning twice is harmless.
   */
  pin(root: CID, options?: PinOptions): Promise<void>;
  unpin(root: CID): Promise<void>;
  isPinned(root: CID): Promise<boolean>;
  pins(): AsyncIterable<CID>;
  /**
   * Call before storing so many bytes, never inside `hold`: it collects when the disk has less room, at most once
   * a minute, and a hold would keep that waiting. Throws `disk-full` when there is still too little, `cancelled`.
   */
  makeRoom(bytes: number, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * While `work` runs nothing is collected: storing and pinning are one. May nest. Keep it short: a long one
   * puts collection off.
   */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Removes every block that no pin reaches. Waits for all `hold`s. */
  collect(options?: { signal?: AbortSignal | undefined }): Promise<Collected>;

  /** Bytes of all blocks here. */
  diskUsed(): number;
  /** Bytes that may still be stored: what the disk has free, less the reserve. */
  diskFree(): Promise<number>;
  /** Resolves when everything stored so far is on the disk for good. Call before announcing anything. */
  sync(): Promise<void>;
}
