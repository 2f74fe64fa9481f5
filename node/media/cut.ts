/** Checks a copied rendition's cuts against what was promised when its keyframes were only sampled. Pure. */
import { copyTolerance } from './keyframes.ts';
import type { MadeRendition } from './made.ts';

const alignedMs = 1;

/**
 * True when all video renditions are cut at the same moments (to the millisecond) and no segment is longer than 1.5
 * times the length asked for.
 */
export function cutAsAsked(renditions: readonly MadeRendition[], segmentSeconds: number): boolean {
  const video = renditions.filter((rendition) => rendition.kind === 'video');
  const longest = segmentSeconds * 1000 * copyTolerance + 1;
  if (video.some(({ segments }) => segments.some((segment) => segment.durationMs > longest))) return false;
  const cuts = video.map(({ segments }) => {
    let at = 0;
    return segments.slice(0, -1).map(({ durationMs }) => {
      at += durationMs;
      return at;
    });
  });
  const reference = cuts[0] ?? [];
  return cuts.every(
    (other) =>
      other.length === reference.length &&
      other.every((at, n) => Math.abs(at - (reference[n] ?? 0)) <= alignedMs),
  );
}
