/** Reads the media playlists that ffmpeg writes: names and exact lengths. Pure. */

export interface ListedSegment {
  name: string;
  seconds: number;
}

/** The segments of a finished playlist; null when it has no end or nothing in it. */
export function readPlaylist(text: string): ListedSegment[] | null {
  const segments: ListedSegment[] = [];
  let seconds: number | null = null;
  let ended = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#EXTINF:')) seconds = Number.parseFloat(line.slice('#EXTINF:'.length));
    else if (line === '#EXT-X-ENDLIST') ended = true;
    else if (line && !line.startsWith('#') && seconds !== null && Number.isFinite(seconds)) {
      segments.push({ name: line, seconds });
      seconds = null;
    }
  }
  return ended && segments.length > 0 ? segments : null;
}

/** Whole milliseconds whose sums are the rounded sums, so that a long film's list does not drift. */
export function wholeMilliseconds(seconds: readonly number[]): number[] {
  let exact = 0;
  let before = 0;
  return seconds.map((length) => {
    exact += length * 1000;
    const now = Math.round(exact);
    const whole = now - before;
    before = now;
    return whole;
  });
}

/**
 * Peak bit rate as RFC 8216 (4.1) means it: the largest over any run of segments that together last between half and
 * one and a half times the target duration. Bits per second.
 */
export function peakBandwidth(
  segments: readonly { size: number; durationMs: number }[],
  targetMs: number,
): number {
  let peak = 0;
  for (let first = 0; first < segments.length; first++) {
    let bytes = 0;
    let ms = 0;
    for (let last = first; last < segments.length; last++) {
      const segment = segments[last];
      if (!segment) break;
      bytes += segment.size;
      ms += segment.durationMs;
      if (ms > targetMs * 1.5) break;
      if (ms >= targetMs * 0.5) peak = Math.max(peak, (bytes * 8000) / ms);
    }
  }
  return Math.ceil(Math.max(peak, averageBandwidth(segments)));
}

/** Bits per second over the whole. */
export function averageBandwidth(segments: readonly { size: number; durationMs: number }[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.size, 0);
  const ms = segments.reduce((sum, segment) => sum + segment.durationMs, 0);
  return ms > 0 ? Math.ceil((bytes * 8000) / ms) : 0;
}
