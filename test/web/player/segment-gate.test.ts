import type { HlsConfig } from 'hls.js';
import { expect, it } from 'vitest';
import type { Rendition } from '../../../protocol/manifest.ts';
import { segmentCid } from '../../../protocol/segment.ts';
import { SegmentCheck } from '../../../web/player/segment-check.ts';
import { segmentGate } from '../../../web/player/segment-gate.ts';
import { SegmentIndex } from '../../../web/player/segment-index.ts';
import { sha256 } from '../../../web/verify/sha256.ts';

type Inner = NonNullable<HlsConfig['fLoader']>;
type Callbacks = Parameters<InstanceType<Inner>['load']>[2];

const good = new Uint8Array(9000).map((_, index) => index % 249);

/** Loads the first segment through a gate behind which some loader gives `data`. */
async function through(data: ArrayBuffer, address?: string) {
  const index = new SegmentIndex('m');
  const { segment } = index.add({ id: 'v', kind: 'video' } as Rendition, {
    v: 1,
    init: null,
    segments: [[await segmentCid(good, sha256), good.byteLength, 2000]],
  });
  const url = address ?? segment(0);
  let gaveProgress: unknown = 'not asked';
  class Loader {
    load(context: { url: string }, _config: unknown, callbacks: Callbacks) {
      gaveProgress = callbacks.onProgress;
      callbacks.onSuccess({ url: context.url, data, code: 200 }, {} as never, context as never, null);
    }
  }
  const refused: string[] = [];
  const Gate = segmentGate(Loader as unknown as Inner, new SegmentCheck(index, sha256), (at) =>
    refused.push(at),
  );
  const outcome = await new Promise<{ data?: unknown; error?: string }>((resolve) => {
    new Gate({} as never).load({ url } as never, {} as never, {
      onSuccess: (response) => resolve({ data: response.data }),
      onError: ({ text }) => resolve({ error: text }),
      onTimeout: () => resolve({ error: 'timeout' }),
      onProgress: () => resolve({ error: 'progress' }),
    });
  });
  return { outcome, refused, url, gaveProgress };
}

it('lets a true segment through as a copy, so that what is kept for others stays as it was', async () => {
  const kept = good.slice().buffer;
  const { outcome, refused } = await through(kept);
  expect(new Uint8Array(outcome.data as ArrayBuffer)).toEqual(good);
  expect(outcome.data).not.toBe(kept);
  expect(refused).toEqual([]);
});

it('stops a flipped byte, whoever let it pass before', async () => {
  const bad = good.slice();
  bad[8000] = (bad[8000] ?? 0) ^ 1;
  const { outcome, refused, url } = await through(bad.buffer);
  expect(outcome).toEqual({ error: `${url}: wrong-bytes` });
  expect(refused).toEqual([url]);
});

it('stops true bytes at an address that no playlist names, and hands on no pieces', async () => {
  const { outcome, gaveProgress } = await through(good.slice().buffer, 'http://elsewhere/x');
  expect(outcome.error).toContain('wrong-bytes');
  expect(gaveProgress).toBeUndefined();
});
