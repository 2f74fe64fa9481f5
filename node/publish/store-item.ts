/** Puts what a transcode made into the content store: files, the plain folder of HLS, segment lists, the manifest. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { CID } from 'multiformats/cid';
import {
  INIT,
  MASTER,
  mediaPlaylistPath,
  POSTER,
  STORYBOARD,
  segmentName,
  storyboardImageName,
} from '../../protocol/item-paths.ts';
import {
  encodeManifest,
  encodeSegmentList,
  type FileRef,
  type Manifest,
  type Rendition,
  type SegmentList,
} from '../../protocol/manifest.ts';
import { renderMaster, renderMedia } from '../../protocol/playlist.ts';
import type { Content } from '../content/content.ts';
import type { MadeRendition, Transcoded } from '../media/media.ts';

export interface StoredItem {
  manifest: CID;
  folder: CID;
  poster: CID | null;
  durationMs: number;
  hasVideo: boolean;
}

export interface StoreOptions {
  content: Pick<Content, 'addFile' | 'addBytes' | 'addBlock' | 'addFolder'>;
  signal: AbortSignal;
  /** Called with the share of files stored, 0 to 1. */
  onProgress?: (share: number) => void;
}

interface FolderEntry {
  path: string;
  ref: FileRef;
}

/**
 * Stores a transcoded item. Doing it again gives the same CIDs, so a job that was interrupted just repeats it.
 * The caller pins the manifest, which links everything.
 */
export async function storeItem(made: Transcoded, options: StoreOptions): Promise<StoredItem> {
  const { content, signal } = options;
  const folder: FolderEntry[] = [];
  const total = made.renditions.reduce((sum, rendition) => sum + rendition.segments.length, 0);
  let stored = 0;

  async function add(path: string, file: string): Promise<FileRef> {
    signal.throwIfAborted();
    const ref = await content.addFile(file, { signal });
    folder.push({ path, ref });
    return ref;
  }

  async function storeRendition(rendition: MadeRendition): Promise<[Rendition, SegmentList]> {
    const init = rendition.init === null ? null : await add(`${rendition.id}/${INIT}`, rendition.init);
    const segments: SegmentList['segments'] = [];
    for (const [index, segment] of rendition.segments.entries()) {
      const ref = await add(`${rendition.id}/${segmentName(rendition.kind, index)}`, segment.path);
      segments.push([ref.cid, ref.size, segment.durationMs]);
      stored += 1;
      options.onProgress?.(stored / total);
    }
    const list: SegmentList = { v: 1, init, segments };
    return [describeRendition(rendition, await content.addBlock(encodeSegmentList(list))), list];
  }

  const renditions: Rendition[] = [];
  for (const made_ of made.renditions) {
    const [rendition, list] = await storeRendition(made_);
    renditions.push(rendition);
    const playlist = Buffer.from(renderMedia(rendition, list));
    folder.push({ path: mediaPlaylistPath(rendition.id), ref: await content.addBytes(playlist) });
  }
  const poster = made.poster === null ? null : await add(POSTER, made.poster);
  const storyboard =
    made.storyboard === null ? null : await storeStoryboard(made.storyboard, add, content, folder);
  const parts = { v: 1 as const, durationMs: made.durationMs, renditions, poster, storyboard };
  folder.push({ path: MASTER, ref: await content.addBytes(Buffer.from(renderMaster(parts))) });
  const folderCid = await content.addFolder(folder);
  const manifest: Manifest = { ...parts, folder: folderCid };
  return {
    manifest: await content.addBlock(encodeManifest(manifest)),
    folder: folderCid,
    poster: poster?.cid ?? null,
    durationMs: made.durationMs,
    hasVideo: renditions.some((rendition) => rendition.kind === 'video'),
  };
}

async function storeStoryboard(
  storyboard: NonNullable<Transcoded['storyboard']>,
  add: (path: string, file: string) => Promise<FileRef>,
  content: StoreOptions['content'],
  folder: FolderEntry[],
): Promise<Manifest['storyboard']> {
  let vtt = await readFile(storyboard.vtt, 'utf8');
  const images: FileRef[] = [];
  for (const [index, image] of storyboard.images.entries()) {
    const name = storyboardImageName(index);
    vtt = vtt.replaceAll(`${basename(image)}#`, `${name}#`);
    images.push(await add(name, image));
  }
  const ref = await content.addBytes(Buffer.from(vtt));
  folder.push({ path: STORYBOARD, ref });
  return { vtt: ref, images };
}

function describeRendition(made: MadeRendition, list: CID): Rendition {
  return {
    id: made.id,
    kind: made.kind,
    codecs: made.codecs,
    width: made.width ?? null,
    height: made.height ?? null,
    frameRate: made.frameRate === undefined ? null : String(Math.round(made.frameRate * 1000) / 1000),
    bandwidth: Math.round(made.bandwidth),
    averageBandwidth: Math.round(made.averageBandwidth),
    language: made.language ?? null,
    name: playlistSafe(made.name ?? made.language ?? made.id),
    isDefault: made.isDefault,
    channels: made.channels ?? null,
    list,
  };
}

/** Quotes and line ends would break the attribute that carries the name (RFC 8216 §4.2). */
function playlistSafe(name: string): string {
  return name.replace(/["\r\n]/g, ' ').slice(0, 100);
}
