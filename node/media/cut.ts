/** Checks a copied rendition's cuts against what was promised when its keyframes were only sampled. */
import { open, readFile } from 'node:fs/promises';
import { readInit } from './init-segment.ts';
import { copyTolerance } from './keyframes.ts';
import type { MadeRendition } from './made.ts';
import { readMediaSegment } from './media-segment.ts';

const headBytes = 64 * 1024;
const alignedMs = 1;

/**
 * True when all video renditions are cut at the same moments (to the millisecond), no segment is longer than 1.5 times
 * the length asked for, and each segment of the first, copied one begins with an IDR picture.
 */
export async function cutAsAsked(renditions: MadeRendition[], segmentSeconds: number): Promise<boolean> {
  const video = renditions.filter((rendition) => rendition.kind === 'video');
  const copied = video[0];
  if (!copied?.init) return true;
  const longest = segmentSeconds * 1000 * copyTolerance + 1;
  if (copied.segments.some((segment) => segment.durationMs > longest)) return false;
  const cuts = video.map(({ segments }) => {
    let at = 0;
    return segments.slice(0, -1).map((segment) => (at += segment.durationMs));
  });
  const reference = cuts[0] ?? [];
  for (const other of cuts.slice(1)) {
    if (other.length !== reference.length) return false;
    if (other.some((at, n) => Math.abs(at - (reference[n] ?? 0)) > alignedMs)) return false;
  }
  const init = readInit(await readFile(copied.init));
  if (!init) return false;
  for (const segment of copied.segments) {
    const handle = await open(segment.path, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      if (!readMediaSegment(buffer.subarray(0, bytesRead), init)?.independent) return false;
    } finally {
      await handle.close();
    }
  }
  return true;
}
