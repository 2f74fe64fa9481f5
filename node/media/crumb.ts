/** The crumb: a last segment of one frame of sound, which players that wait for the end of the film stumble over. */
import type { MadeSegment } from './made.ts';

/** Two frames of AAC at 44.1 kHz last 46 ms; nobody hears so little, and hls.js gives it no time at all. */
const CRUMB_MS = 50;

/** The segments without a last one that is a crumb; a rendition of one segment keeps it. */
export function withoutCrumb(segments: MadeSegment[]): MadeSegment[] {
  const last = segments.at(-1);
  return last && segments.length > 1 && last.durationMs < CRUMB_MS ? segments.slice(0, -1) : segments;
}
