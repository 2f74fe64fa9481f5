/** The last gate before the video element: whatever loader brought a segment, hls.js gets it only when it was found true. */
import type { FragmentLoaderContext, HlsConfig, LoaderCallbacks, LoaderConfiguration } from 'hls.js';
import type { SegmentCheck } from './segment-check.ts';

type FragmentLoaderClass = NonNullable<HlsConfig['fLoader']>;

/** The given fragment loader with the gate in front. `onRefused` hears of what it stops: a fault of ours or a race. */
export function segmentGate(
  Inner: FragmentLoaderClass,
  check: SegmentCheck,
  onRefused: (url: string) => void,
): FragmentLoaderClass {
  return class SegmentGate extends Inner {
    override load(
      context: FragmentLoaderContext,
      config: LoaderConfiguration,
      callbacks: LoaderCallbacks<FragmentLoaderContext>,
    ) {
      const onSuccess: typeof callbacks.onSuccess = async (response, stats, at, details) => {
        const { data } = response;
        if (data instanceof ArrayBuffer && (await check.isTrue(context.url, data)) === true) {
          // A copy, because what plays may be rewritten in place and what is kept goes to other viewers.
          callbacks.onSuccess({ ...response, data: data.slice(0) }, stats, at, details);
          return;
        }
        onRefused(context.url);
        callbacks.onError({ code: 0, text: `${context.url}: wrong-bytes` }, context, details, stats);
      };
      // No onProgress: pieces of a segment cannot be checked.
      super.load(context, config, { ...callbacks, onProgress: undefined, onSuccess } as typeof callbacks);
    }
  };
}
