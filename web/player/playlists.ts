/** The player's own playlists, rendered from verified blocks: a gateway that lies about a playlist is never asked for one. */
import type { Manifest, Rendition, SegmentList } from '../../protocol/manifest.ts';
import { renderMaster, renderMedia } from '../../protocol/playlist.ts';
import type { SegmentIndex } from './segment-index.ts';

const CRUMB_MS = 50;

export interface PlaylistParts {
  manifest: Manifest;
  index: SegmentIndex;
  /** Reads a rendition's verified list; called once for each rendition that plays. */
  readList: (rendition: Rendition) => Promise<SegmentList>;
}

export class Playlists {
  readonly #parts: PlaylistParts;
  readonly #renditions: Map<string, Rendition>;
  readonly #texts = new Map<string, Promise<string>>();

  constructor(parts: PlaylistParts) {
    this.#parts = parts;
    this.#renditions = new Map(parts.manifest.renditions.map((r) => [parts.index.playlistUrl(r), r]));
  }

  /** The text of the playlist at this address, or null when there is none; segments it names are in the index by then. */
  text(url: string): Promise<string> | null {
    const { manifest, index } = this.#parts;
    if (url === index.masterUrl) return Promise.resolve(renderMaster(manifest, (r) => index.playlistUrl(r)));
    const rendition = this.#renditions.get(url);
    if (rendition === undefined) return null;
    const text = this.#texts.get(url) ?? this.#render(rendition);
    this.#texts.set(url, text);
    text.catch(() => this.#texts.delete(url));
    return text;
  }

  async #render(rendition: Rendition): Promise<string> {
    const list = withoutCrumb(await this.#parts.readList(rendition));
    return renderMedia(rendition, list, this.#parts.index.add(rendition, list));
  }
}

/**
 * The list without a last segment of a frame or so. Browsers give such a crumb no time in their buffer, and hls.js,
 * which looks for it there, would never say that the film has ended.
 */
export function withoutCrumb(list: SegmentList): SegmentList {
  const last = list.segments.at(-1);
  const isCrumb = last !== undefined && list.segments.length > 1 && last[2] < CRUMB_MS;
  return isCrumb ? { ...list, segments: list.segments.slice(0, -1) } : list;
}
