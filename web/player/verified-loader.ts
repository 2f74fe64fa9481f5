/** hls.js's loader for all that does not go through the peer-to-peer loader: playlists of our own, and files read verified. */
import type {
  HlsConfig,
  Loader,
  LoaderCallbacks,
  LoaderConfiguration,
  LoaderContext,
  LoaderStats,
} from 'hls.js';
import { LoadStats } from 'hls.js';
import { errorCode } from '../errors.ts';
import type { ReadListener, VerifiedReader } from '../verify/verified-reader.ts';
import type { Playlists } from './playlists.ts';
import type { SegmentIndex } from './segment-index.ts';

export interface VerifiedLoaderParts {
  playlists: Playlists;
  index: SegmentIndex;
  reader: VerifiedReader;
  /** Told of every read of a media segment (peer-to-peer is switched off). */
  onSegmentRead: ReadListener;
  /** Told of every read of another file: initialization sections and subtitles. */
  onSideRead: ReadListener;
}

/** A loader class bound to one item. Addresses outside its playlists end in an error and never touch the network. */
export function verifiedLoader(parts: VerifiedLoaderParts): HlsConfig['loader'] {
  return class VerifiedLoader implements Loader<LoaderContext> {
    context: LoaderContext | null = null;
    stats: LoaderStats = new LoadStats();
    readonly #stop = new AbortController();

    load(context: LoaderContext, _config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>) {
      this.context = context;
      this.stats.loading.start = performance.now();
      this.#read(context).then(
        (data) => this.#deliver(data, context, callbacks),
        (error: unknown) => {
          if (this.#stop.signal.aborted) return;
          const text = `${context.url}: ${errorCode(error)}`;
          callbacks.onError({ code: 0, text }, context, null, this.stats);
        },
      );
    }

    abort() {
      this.stats.aborted = true;
      this.#stop.abort();
    }

    destroy() {
      this.#stop.abort();
      this.context = null;
    }

    async #read({ url, responseType }: LoaderContext): Promise<string | ArrayBuffer> {
      const text = parts.playlists.text(url);
      if (text !== null) return text;
      const file = parts.index.file(url);
      if (file === undefined) throw new RangeError(`no playlist of this item names ${url}`);
      const listener = file.what === 'segment' ? parts.onSegmentRead : parts.onSideRead;
      const bytes = await parts.reader.file(file.ref, this.#stop.signal, listener);
      return responseType === 'arraybuffer' ? bytes.buffer : new TextDecoder().decode(bytes);
    }

    #deliver(data: string | ArrayBuffer, context: LoaderContext, callbacks: LoaderCallbacks<LoaderContext>) {
      if (this.#stop.signal.aborted) return;
      const { stats } = this;
      const length = typeof data === 'string' ? data.length : data.byteLength;
      stats.loading.end = performance.now();
      stats.loading.first = Math.min(stats.loading.end, stats.loading.start + 1);
      stats.loaded = length;
      stats.total = length;
      callbacks.onSuccess({ url: context.url, data, code: 200 }, stats, context, answerFrom(context.url));
    }
  };
}

/** The peer-to-peer engine takes the stream's address from a Response and does nothing without one. */
function answerFrom(url: string): Response {
  return Object.defineProperty(new Response(null), 'url', { value: url });
}
