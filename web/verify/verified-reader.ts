/** Reads blocks and files by CID from whichever source gives true bytes; what does not match is refused and asked elsewhere. */
import type { CID } from 'multiformats/cid';
import { blockMatches, type Sha256 } from '../../protocol/cid.ts';
import { MAX_BLOCK_BYTES } from '../../protocol/constants.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { segmentCid, segmentMatches } from '../../protocol/segment.ts';
import { errorCode, WebError } from '../errors.ts';
import type { FetchLimits } from '../gateway/fetch-bytes.ts';
import type { SourceBook, SourceFault } from './source-book.ts';

const SILENCE_MS = 6_000;

export interface ReaderParts {
  sources: SourceBook;
  sha256: Sha256;
  fetchBytes: (url: string, limits: FetchLimits) => Promise<Uint8Array<ArrayBuffer>>;
  /** Milliseconds, any origin. */
  now: () => number;
  /** Told of each source whenever it gave true bytes. */
  onWorking?: (base: string) => void;
}

/** Told of every answer: who gave it, how much, and what was wrong with it if anything was. */
export type ReadListener = (read: { base: string; bytes: number; fault: SourceFault | null }) => void;

type Bytes = Uint8Array<ArrayBuffer>;
type Wanted = { path: string; maxBytes: number; isTrue: (bytes: Bytes) => Promise<boolean> };

export class VerifiedReader {
  readonly sources: SourceBook;
  readonly #parts: ReaderParts;

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.sources = parts.sources;
  }

  /** One block (manifest, list) of at most 1 MiB. */
  block(cid: CID, signal?: AbortSignal): Promise<Bytes> {
    const isTrue = (bytes: Bytes) => blockMatches(cid, bytes, this.#parts.sha256);
    return this.#read({ path: `/ipfs/${cid}?format=raw`, maxBytes: MAX_BLOCK_BYTES, isTrue }, signal);
  }

  /** A whole file whose size the manifest states. `onRead` hears of each source asked. */
  file(ref: FileRef, signal?: AbortSignal, onRead?: ReadListener): Promise<Bytes> {
    const isTrue = (bytes: Bytes) => segmentMatches(bytes, ref, this.#parts.sha256);
    return this.#read({ path: `/ipfs/${ref.cid}`, maxBytes: ref.size, isTrue }, signal, onRead);
  }

  /** A whole file of unknown size, such as the poster that a record names. */
  fileUpTo(cid: CID, maxBytes: number, signal?: AbortSignal): Promise<Bytes> {
    const isTrue = async (bytes: Bytes) => (await segmentCid(bytes, this.#parts.sha256)).equals(cid);
    return this.#read({ path: `/ipfs/${cid}`, maxBytes, isTrue }, signal);
  }

  async #read(wanted: Wanted, signal?: AbortSignal, onRead?: ReadListener): Promise<Bytes> {
    const { sources, now } = this.#parts;
    let avoid = new Set<string>();
    let isLastRound = false;
    let last: unknown;
    for (;;) {
      if (avoid.size >= sources.standings().length) {
        if (isLastRound) break;
        isLastRound = true;
        avoid = sources.dead();
      }
      const base = sources.pick(now(), avoid);
      avoid.add(base);
      const began = now();
      try {
        const bytes = await this.#ask(base, wanted, signal);
        sources.succeeded(base, bytes.byteLength, now() - began);
        this.#parts.onWorking?.(base);
        onRead?.({ base, bytes: bytes.byteLength, fault: null });
        return bytes;
      } catch (error) {
        if (errorCode(error) === 'stopped') throw error;
        const fault = faultOf(error);
        sources.failed(base, fault, now());
        onRead?.({ base, bytes: 0, fault });
        last = error;
      }
    }
    throw new WebError('no-source', `no source gave ${wanted.path} as it was signed`, { cause: last });
  }

  async #ask(base: string, wanted: Wanted, signal?: AbortSignal): Promise<Bytes> {
    const limits = { maxBytes: wanted.maxBytes, silenceMs: SILENCE_MS, signal };
    const bytes = await this.#parts.fetchBytes(`${base}${wanted.path}`, limits);
    if ((await wanted.isTrue(bytes)) !== true)
      throw new WebError('wrong-bytes', `${base}${wanted.path} is not what was signed`);
    return bytes;
  }
}

function faultOf(error: unknown): SourceFault {
  const code = errorCode(error);
  // Longer than it was signed to be is a lie as good as any.
  if (code === 'wrong-bytes' || code === 'too-large') return 'wrong-bytes';
  return code === 'not-found' ? 'missing' : 'unreachable';
}
