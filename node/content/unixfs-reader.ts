/** Files by CID: what they are, and their bytes, with one disk read for a one-block file. */
import { decode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { exporter } from 'ipfs-unixfs-exporter';
import type { CID } from 'multiformats/cid';
import { DAG_PB, RAW } from '../../protocol/cid.ts';
import { CHUNK_BYTES, MAX_SEGMENT_BYTES } from '../../protocol/constants.ts';
import { HeliographError } from '../errors.ts';
import type { FetchOptions } from './block-fetch.ts';
import type { Into } from './block-files.ts';
import { eachParallel } from './each-parallel.ts';
import { type FileLayout, fileLayout, leafBytes } from './file-layout.ts';
import { Recent } from './recent.ts';

/** Leaves read or fetched at one time for one file. */
const WIDTH = 8;

export interface ReadOptions extends FetchOptions {
  /**
   * Gives memory of just the length asked for, in which the bytes then are; it stays the caller's, to use again.
   * Default: fresh memory, which for segments by the thousand keeps the garbage collector busy.
   */
  allocate?: ((bytes: number) => Uint8Array) | undefined;
}

export interface RangeOptions extends ReadOptions {
  /** First byte. Default 0. */
  offset?: number | undefined;
  /** Most bytes. Default: to the end. */
  length?: number | undefined;
}

export type ContentKind = 'raw' | 'file' | 'directory' | 'block';

export interface ContentStat {
  /** Bytes of a file; of the block itself for directories and other blocks. */
  size: number;
  kind: ContentKind;
}

/** Reads one block, into the given memory when it is as long as it. */
export type GetBlock = (cid: CID, options: FetchOptions, into?: Into) => Promise<Uint8Array>;

export class UnixfsReader {
  readonly #getBlock: GetBlock;
  readonly #sizeOf: (cid: CID) => Promise<number | null>;
  readonly #layouts = new Recent<string, FileLayout>(1024);

  /** `sizeOf` tells a block's bytes, null when it is not stored here. */
  constructor(options: { getBlock: GetBlock; sizeOf: (cid: CID) => Promise<number | null> }) {
    this.#getBlock = options.getBlock;
    this.#sizeOf = options.sizeOf;
  }

  /** From what is stored here; null when the block is not. */
  async stat(cid: CID): Promise<ContentStat | null> {
    const blockBytes = await this.#sizeOf(cid);
    if (blockBytes === null) return null;
    if (cid.code !== DAG_PB) return { size: blockBytes, kind: cid.code === RAW ? 'raw' : 'block' };
    const root = await this.#getBlock(cid, {});
    const unixfs = unixfsIn(root);
    if (unixfs?.isDirectory()) return { size: root.byteLength, kind: 'directory' };
    if (unixfs?.type === 'file' || unixfs?.type === 'raw')
      return { size: Number(unixfs.fileSize()), kind: 'file' };
    return { size: root.byteLength, kind: 'block' };
  }

  /** Whether the root and every leaf are stored here. */
  async hasFile(cid: CID): Promise<boolean> {
    if ((await this.#sizeOf(cid)) === null) return false;
    if (cid.code !== DAG_PB) return true;
    const layout = await this.#layout(cid, {}).catch(() => null);
    if (layout === null) return false;
    let isWhole = true;
    await eachParallel(layout.leaves.entries(), WIDTH, async ([index, leaf]) => {
      if (isWhole && (await this.#sizeOf(leaf)) !== leafBytes(layout, index)) isWhole = false;
    });
    return isWhole;
  }

  /** Throws `too-large` when more than 64 MiB would have to be held. */
  async read(cid: CID, options: RangeOptions): Promise<Buffer> {
    if (cid.code === RAW) return slice(await this.#getBlock(cid, options, options.allocate), options);
    const layout = await this.#layout(cid, options);
    const { start, end } = range(layout?.size ?? Number.MAX_SAFE_INTEGER, options);
    if (layout === null) return this.#readForeign(cid, options);
    checkHeld(cid, end - start);
    const target = memory(options, end - start);
    const first = Math.floor(start / CHUNK_BYTES);
    const wanted = layout.leaves.slice(first, Math.ceil(end / CHUNK_BYTES));
    await eachParallel(wanted.entries(), WIDTH, async ([index, leaf]) => {
      const at = (first + index) * CHUNK_BYTES;
      const length = leafBytes(layout, first + index);
      const isWhole = at >= start && at + length <= end;
      const into = isWhole ? target.subarray(at - start, at - start + length) : undefined;
      const bytes = await this.#getBlock(leaf, options, into);
      if (bytes.byteLength !== length) {
        throw new HeliographError(
          'bad-block',
          `file ${cid} says that its part ${leaf} has ${length} bytes; it has not`,
        );
      }
      if (bytes.buffer === target.buffer) return;
      target.set(bytes.subarray(Math.max(0, start - at), end - at), Math.max(0, at - start));
    });
    return target;
  }

  /** In pieces of at most 1 MiB, the next ones on their way while one is used. */
  async *stream(cid: CID, options: RangeOptions): AsyncGenerator<Uint8Array> {
    const layout = cid.code === RAW ? null : await this.#layout(cid, options);
    if (layout === null) {
      yield* cid.code === RAW ? [await this.read(cid, options)] : this.#streamForeign(cid, options);
      return;
    }
    const { start, end } = range(layout.size, options);
    const ahead: Promise<Buffer>[] = [];
    for (let at = start; at < end || ahead.length > 0; ) {
      while (ahead.length < 3 && at < end) {
        // Cut at the leaves' borders, so that none is read twice.
        const length = Math.min(end, (Math.floor(at / CHUNK_BYTES) + 1) * CHUNK_BYTES) - at;
        const piece = this.read(cid, { ...options, offset: at, length });
        piece.catch(() => {});
        ahead.push(piece);
        at += length;
      }
      const piece = await ahead.shift();
      if (piece !== undefined) yield piece;
    }
  }

  /** Null for a file that another tool cut in its own way. */
  async #layout(cid: CID, options: FetchOptions): Promise<FileLayout | null> {
    const key = cid.toString();
    const known = this.#layouts.get(key);
    if (known !== undefined) return known;
    const root = await this.#getBlock(cid, options);
    const layout = cid.code === DAG_PB ? fileLayout(root) : null;
    if (layout !== null) this.#layouts.set(key, layout);
    else if (unixfsIn(root)?.type !== 'file' && unixfsIn(root)?.type !== 'raw') {
      throw new HeliographError('bad-request', `${cid} is not a file`);
    }
    return layout;
  }

  async #readForeign(cid: CID, options: RangeOptions): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let held = 0;
    for await (const piece of this.#streamForeign(cid, options)) {
      held += piece.byteLength;
      checkHeld(cid, held);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  async *#streamForeign(cid: CID, options: RangeOptions): AsyncGenerator<Uint8Array> {
    const getBlock = this.#getBlock;
    const store = {
      async *get(link: CID) {
        yield await getBlock(link, options);
      },
    };
    const entry = await exporter(cid, store);
    if (entry.type !== 'file') throw new HeliographError('bad-request', `${cid} is not a file`);
    const { start, end } = range(Number(entry.size), options);
    if (end > start) yield* entry.content({ offset: start, length: end - start });
  }
}

function unixfsIn(block: Uint8Array): UnixFS | null {
  try {
    return UnixFS.unmarshal(decode(block).Data ?? new Uint8Array());
  } catch {
    return null;
  }
}

function checkHeld(cid: CID, bytes: number): void {
  if (bytes <= MAX_SEGMENT_BYTES) return;
  throw new HeliographError(
    'too-large',
    `${bytes} bytes of ${cid} are more than 64 MiB; read a range or stream it`,
  );
}

function range(size: number, { offset = 0, length = size }: RangeOptions): { start: number; end: number } {
  const start = Math.min(offset, size);
  return { start, end: Math.min(size, start + length) };
}

function slice(block: Uint8Array, options: RangeOptions): Buffer {
  const { start, end } = range(block.byteLength, options);
  return Buffer.from(block.buffer, block.byteOffset + start, end - start);
}

function memory({ allocate }: RangeOptions, bytes: number): Buffer {
  const given = allocate?.(bytes);
  return given ? Buffer.from(given.buffer, given.byteOffset, bytes) : Buffer.allocUnsafeSlow(bytes);
}
