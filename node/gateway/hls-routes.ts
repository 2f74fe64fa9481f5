/** `/hls/items/{id}/…`: an item as HLS for any player, rendered from its verified manifest. */
import type { FastifyInstance } from 'fastify';
import { type ItemPath, parseItemPath } from '../../protocol/item-paths.ts';
import type { FileRef, Manifest, Rendition, SegmentList } from '../../protocol/manifest.ts';
import { renderMaster, renderMedia } from '../../protocol/playlist.ts';
import type { ItemRecord } from '../../protocol/records.ts';
import type { Verified } from '../../protocol/verified.ts';
import type { Manifests } from '../catalogue/manifests.ts';
import { HeliographError } from '../errors.ts';
import type { BytesByCid } from './bytes-by-cid.ts';
import { type GatewayCatalogue, knownItem } from './catalogue-routes.ts';
import { clientAddress } from './client-address.ts';
import { contentTypeOf } from './content-type.ts';
import { etag } from './etag.ts';
import { IMMUTABLE, type Readers, sendFile } from './file-response.ts';
import type { KnownSwarms } from './known-swarms.ts';

/** A playlist changes only when its item is published anew. */
const PLAYLIST_CACHE = 'public, max-age=10';
const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

export interface HlsRoutesOptions {
  catalogue: Pick<GatewayCatalogue, 'item'>;
  manifests: Pick<Manifests, 'load' | 'list'>;
  bytes: BytesByCid;
  readers: Readers;
  swarms: KnownSwarms;
  fetchTimeoutMs: number;
}

interface Asked {
  item: Verified<ItemRecord>;
  manifest: Manifest;
}

export function addHlsRoutes(app: FastifyInstance, options: HlsRoutesOptions): void {
  const { bytes, readers } = options;
  const { hot, shares, trustProxy } = readers;

  async function load(id: string): Promise<Asked> {
    const item = knownItem(options.catalogue, id);
    const { manifest } = await inTime(options, (o) => options.manifests.load(item, o));
    options.swarms.admit(String(item.record.manifest), manifest);
    return { item, manifest };
  }

  app.route<{ Params: { id: string; '*': string } }>({
    method: 'GET',
    url: '/hls/items/:id/*',
    config: {
      doc: {
        summary: 'An item as HLS: master.m3u8, playlists, segments, poster.jpg, storyboard.vtt',
        params: { id: 'Item id', path: 'Path below the item, as playlists name it' },
        answer: PLAYLIST_TYPE,
        also: {
          206: 'The range asked for',
          304: 'The client has it',
          504: 'Not found on the network in time',
        },
      },
    },
    handler: async (request, reply) => {
      const path = parseItemPath(request.params['*']);
      if (path === null) throw noSuchFile();
      shares.admit(clientAddress(request.raw, trustProxy));
      const asked = await load(request.params.id);
      const text = await playlist(asked, path, options);
      if (text !== null) {
        const name = `${asked.item.record.manifest}.${'rendition' in path ? path.rendition : 'master'}`;
        const segment = await hot.read(name, 0, async () => Buffer.from(text()));
        const meta = { tag: etag(name), cacheControl: PLAYLIST_CACHE, type: PLAYLIST_TYPE };
        reply.hijack();
        return sendFile(request.raw, reply.raw, { kind: 'whole', segment }, meta, readers);
      }
      const { ref, type } = await mediaFile(asked, path, options);
      const file = await bytes.open(ref.cid, { allowed: true });
      if (file.kind === 'directory') throw noSuchFile();
      const meta = { tag: etag(ref.cid.toString()), cacheControl: IMMUTABLE, type };
      reply.hijack();
      return sendFile(request.raw, reply.raw, file, meta, readers);
    },
  });
}

/** How to render the playlist at this path, or null when the path is no playlist's. */
async function playlist(
  asked: Asked,
  path: ItemPath,
  options: HlsRoutesOptions,
): Promise<(() => string) | null> {
  if (path.what === 'master') return () => renderMaster(asked.manifest);
  if (path.what !== 'playlist') return null;
  const [rendition, list] = await listOf(asked, path.rendition, options);
  return () => renderMedia(rendition, list);
}

async function mediaFile(
  asked: Asked,
  path: ItemPath,
  options: HlsRoutesOptions,
): Promise<{ ref: FileRef; type: string | undefined }> {
  const { manifest } = asked;
  if (path.what === 'poster') return { ref: found(manifest.poster), type: 'image/jpeg' };
  if (path.what === 'storyboard') {
    return { ref: found(manifest.storyboard?.vtt), type: contentTypeOf('storyboard.vtt') };
  }
  if (path.what === 'storyboard-image') {
    return { ref: found(manifest.storyboard?.images[path.index]), type: 'image/jpeg' };
  }
  if (path.what === 'init') {
    const [rendition, list] = await listOf(asked, path.rendition, options);
    return { ref: found(list.init), type: mediaType(rendition) };
  }
  if (path.what !== 'segment') throw noSuchFile();
  const [rendition, list] = await listOf(asked, path.rendition, options);
  const extension = rendition.kind === 'subtitle' ? 'vtt' : 'm4s';
  if (path.extension !== extension) throw noSuchFile();
  const [cid, size] = found(list.segments[path.index]);
  return { ref: { cid, size }, type: mediaType(rendition) };
}

async function listOf(
  asked: Asked,
  id: string,
  options: HlsRoutesOptions,
): Promise<[Rendition, SegmentList]> {
  const rendition = found(asked.manifest.renditions.find((each) => each.id === id));
  return [rendition, await inTime(options, (o) => options.manifests.list(asked.item, id, o))];
}

function mediaType({ kind }: Rendition): string | undefined {
  return kind === 'subtitle' ? contentTypeOf('a.vtt') : `${kind}/mp4`;
}

function found<T>(value: T | null | undefined): T {
  if (value == null) throw noSuchFile();
  return value;
}

function noSuchFile(): HeliographError {
  return new HeliographError('not-found', 'the item has no such file');
}

/** Runs a load that may need the network; its end without an answer is `timeout`. */
export async function inTime<T>(
  { fetchTimeoutMs }: { fetchTimeoutMs: number },
  load: (options: { signal: AbortSignal; fetch: boolean }) => Promise<T>,
): Promise<T> {
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  try {
    return await load({ signal, fetch: true });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new HeliographError('timeout', 'the item was not found on the network in time', { cause: error });
  }
}
