/** Which file stands behind each address of the player's own playlists; what is not in here is never fetched. */
import { INIT, segmentName } from '../../protocol/item-paths.ts';
import type { FileRef, Rendition, SegmentList } from '../../protocol/manifest.ts';
import type { MediaUris } from '../../protocol/playlist.ts';

/** `segment`: media, shared between viewers. `side`: initialization sections and subtitles, over HTTP only. */
export interface IndexedFile {
  ref: FileRef;
  what: 'segment' | 'side';
}

/**
 * Addresses are of a scheme that no network knows, so nothing can be loaded behind the player's back. Each segment has its
 * own, even when two hold the same bytes: the loader tells segments apart by address.
 */
export class SegmentIndex {
  readonly #root: string;
  readonly #files = new Map<string, IndexedFile>();

  /** @param manifest text of the manifest's CID */
  constructor(manifest: string) {
    this.#root = `heliograph://${manifest}`;
  }

  get masterUrl(): string {
    return `${this.#root}/master.m3u8`;
  }

  playlistUrl(rendition: Rendition): string {
    return `${this.#root}/${rendition.id}/index.m3u8`;
  }

  /** Takes in a rendition's list; from now on its addresses lead to files. Returns the addresses for its playlist. */
  add(rendition: Rendition, list: SegmentList): MediaUris {
    const folder = `${this.#root}/${rendition.id}`;
    const uris = {
      init: `${folder}/${INIT}`,
      segment: (index: number) => `${folder}/${segmentName(rendition.kind, index)}`,
    };
    if (list.init) this.#files.set(uris.init, { ref: list.init, what: 'side' });
    const what = rendition.kind === 'subtitle' ? 'side' : 'segment';
    list.segments.forEach(([cid, size], index) => {
      this.#files.set(uris.segment(index), { ref: { cid, size }, what });
    });
    return uris;
  }

  file(url: string): IndexedFile | undefined {
    return this.#files.get(url);
  }
}
