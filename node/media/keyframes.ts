/** Reads packet lists of ffprobe: where keyframes are, whether they stand alone, how far the data goes. Pure. */
import type { KeyframeStretch, Source } from './source.ts';

export interface Packet {
  stream: number;
  /** Milliseconds, as the file has them; null when the packet has no time. */
  timeMs: number | null;
  durationMs: number;
  key: boolean;
  /** Decoded but never shown, as an edit list asks. */
  discarded: boolean;
}

/** A packet as ffprobe writes it: `-show_entries packet=stream_index,pts_time,duration_time,flags`. */
export interface PacketJson {
  stream_index?: number;
  pts_time?: string;
  duration_time?: string;
  flags?: string;
}

export function readPacket(json: PacketJson): Packet {
  const timeMs = Number(json.pts_time) * 1000;
  const durationMs = Number(json.duration_time) * 1000;
  return {
    stream: json.stream_index ?? -1,
    timeMs: Number.isFinite(timeMs) ? timeMs : null,
    durationMs: Number.isFinite(durationMs) ? durationMs : 0,
    key: json.flags?.startsWith('K') ?? false,
    discarded: json.flags?.[1] === 'D',
  };
}

/** The same as a line of `-of csv=p=0`, which is less to read for a whole film; null when it is none. */
export function readPacketLine(line: string): Packet | null {
  const [stream, pts_time, duration_time, flags] = line.split(',');
  if (stream === undefined || flags === undefined || !/^\d+$/.test(stream)) return null;
  const times = { ...(pts_time ? { pts_time } : {}), ...(duration_time ? { duration_time } : {}) };
  return readPacket({ stream_index: Number(stream), ...times, flags });
}

/** Where the last packet of the given streams ends, in milliseconds of the file's own clock; 0 without packets. */
export function dataEnd(packets: readonly Packet[], streams: ReadonlySet<number>): number {
  let end = 0;
  for (const packet of packets) {
    if (packet.timeMs !== null && streams.has(packet.stream)) {
      end = Math.max(end, packet.timeMs + packet.durationMs);
    }
  }
  return end;
}

/** What may follow a keyframe before we call it a jump to another stretch. */
const jumpMs = 1000;

/**
 * Cuts the packets of one stream, in the order of the file, into stretches without jumps, each from its first
 * keyframe on. Times are counted from `originMs`.
 */
export function keyframeStretches(
  packets: readonly Packet[],
  stream: number,
  originMs: number,
): KeyframeStretch[] {
  const stretches: KeyframeStretch[] = [];
  let current: KeyframeStretch | null = null;
  let lastKey = 0;
  for (const packet of packets) {
    if (packet.stream !== stream) continue;
    if (packet.timeMs === null || packet.discarded) {
      if (current) current.closed = false;
      continue;
    }
    const time = packet.timeMs - originMs;
    if (current && (time > current.toMs + jumpMs || time < lastKey - jumpMs)) current = null;
    if (packet.key) {
      if (!current) {
        current = { fromMs: time, toMs: time, keyframesMs: [], closed: true };
        stretches.push(current);
      }
      current.keyframesMs.push(time);
      lastKey = time;
    } else if (current && time < lastKey) {
      current.closed = false;
    }
    if (current) current.toMs = Math.max(current.toMs, time + packet.durationMs);
  }
  return stretches;
}

/**
 * Lengths of the segments that cutting at keyframes would give, as ffmpeg's HLS muxer does it: at the first keyframe
 * at or after each multiple of the segment length. The last, open one is left out.
 */
export function segmentLengths(keyframesMs: readonly number[], segmentMs: number): number[] {
  const first = keyframesMs[0];
  if (first === undefined) return [];
  const lengths: number[] = [];
  let start = first;
  for (const keyframe of keyframesMs) {
    if (keyframe > start && keyframe - first >= segmentMs * (lengths.length + 1) - 0.5) {
      lengths.push(keyframe - start);
      start = keyframe;
    }
  }
  return lengths;
}

/** How much longer than asked a copied segment may be. */
export const copyTolerance = 1.5;

/** True when cutting at the source's own keyframes gives segments of a fitting length in every stretch sampled. */
export function keyframesFit(source: Source, segmentSeconds: number): boolean {
  const stretches = source.video?.keyframes ?? [];
  const segmentMs = segmentSeconds * 1000;
  const longest = segmentMs * copyTolerance;
  if (stretches.length === 0 || Math.abs(stretches[0]?.fromMs ?? 1) > 1) return false;
  return stretches.every((stretch) => {
    if (!stretch.closed) return false;
    const lengths = segmentLengths(stretch.keyframesMs, segmentMs);
    const open = stretch.toMs - stretch.fromMs - lengths.reduce((sum, length) => sum + length, 0);
    return open <= longest + 1 && lengths.every((length) => length <= longest + 1);
  });
}
