/** The names of an item's files, equal in its UnixFS folder and under every gateway's `/hls/items/{id}/`. */
import type { RenditionKind } from './manifest.ts';

export const MASTER = 'master.m3u8';
export const POSTER = 'poster.jpg';
export const STORYBOARD = 'storyboard.vtt';

const extensions: Record<RenditionKind, string> = { video: 'm4s', audio: 'm4s', subtitle: 'vtt' };

export function mediaPlaylistPath(renditionId: string): string {
  return `${renditionId}/index.m3u8`;
}

/** The name, inside the rendition's folder, of its initialization section. */
export const INIT = 'init.mp4';

/** The name, inside the rendition's folder, of its segment with this index (from 0). */
export function segmentName(kind: RenditionKind, index: number): string {
  return `${String(index + 1).padStart(5, '0')}.${extensions[kind]}`;
}

/** The name of a storyboard picture (from 0), as the cues of `storyboard.vtt` write it. */
export function storyboardImageName(index: number): string {
  return `storyboard-${String(index + 1).padStart(3, '0')}.jpg`;
}

/** What a path below an item's folder asks for, or null when no item has such a path. */
export type ItemPath =
  | { what: 'master' | 'poster' | 'storyboard' }
  | { what: 'storyboard-image'; index: number }
  | { what: 'playlist' | 'init'; rendition: string }
  | { what: 'segment'; rendition: string; index: number; extension: string };

export function parseItemPath(path: string): ItemPath | null {
  if (path === MASTER) return { what: 'master' };
  if (path === POSTER) return { what: 'poster' };
  if (path === STORYBOARD) return { what: 'storyboard' };
  const image = /^storyboard-(\d{3,4})\.jpg$/.exec(path);
  if (image?.[1]) return { what: 'storyboard-image', index: Number(image[1]) - 1 };
  const inside = /^([a-z0-9][a-z0-9-]{0,31})\/(?:(index\.m3u8)|(init\.mp4)|(\d{5})\.(m4s|vtt))$/.exec(path);
  if (!inside?.[1]) return null;
  const rendition = inside[1];
  if (inside[2]) return { what: 'playlist', rendition };
  if (inside[3]) return { what: 'init', rendition };
  return { what: 'segment', rendition, index: Number(inside[4]) - 1, extension: inside[5] ?? '' };
}
