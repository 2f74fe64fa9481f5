/** The one question asked of every media byte before it may be played or passed on: is it what the publisher signed? */
import type { Sha256 } from '../../protocol/cid.ts';
import { segmentMatches } from '../../protocol/segment.ts';
import type { SegmentIndex } from './segment-index.ts';

export class SegmentCheck {
  readonly #index: SegmentIndex;
  readonly #sha256: Sha256;
  /** Buffers found true, and for which address: the gate before the video element need not hash them again. */
  readonly #found = new WeakMap<ArrayBuffer, string>();

  constructor(index: SegmentIndex, sha256: Sha256) {
    this.#index = index;
    this.#sha256 = sha256;
  }

  /** Whether these bytes are the file behind this address. An unknown address, like anything thrown, is a plain false. */
  async isTrue(url: string, data: ArrayBuffer): Promise<boolean> {
    if (this.#found.get(data) === url) return true;
    const file = this.#index.file(url);
    if (file === undefined) return false;
    const matches = await segmentMatches(new Uint8Array(data), file.ref, this.#sha256).catch(() => false);
    if (matches !== true) return false;
    this.#found.set(data, url);
    return true;
  }
}
