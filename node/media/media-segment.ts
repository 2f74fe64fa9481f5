/** Reads the head of a media segment: where in time it lies, what it holds, whether it is whole. Pure. */
import { type Box, boxesIn } from './boxes.ts';
import type { InitSegment } from './init-segment.ts';

/** A segment of ten seconds has 600 pictures or 500 packets of sound. */
const maxSamples = 100_000;

export interface MediaSegment {
  /** Decode time of its first sample, in ticks. */
  startTicks: number;
  /** How long its samples last together, in ticks. */
  durationTicks: number;
  samples: number;
  /** Bytes that its samples claim, and that its data box really spans. */
  sampleBytes: number;
  dataBytes: number;
  /** Where the segment ends by its own account; equals the file's size when whole. */
  end: number;
  /** For H.264: its first sample is an IDR picture, so that it plays without those before it. */
  independent: boolean;
}

/**
 * Reads a segment of one fragment. `head` must reach past the fragment's header (moof) and the first sample's first
 * slice; null when it does not or when this is no media segment.
 */
export function readMediaSegment(head: Buffer, init: InitSegment): MediaSegment | null {
  try {
    return readFragment(head, init);
  } catch (error) {
    // Boxes that claim more than is there.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readFragment(head: Buffer, init: InitSegment): MediaSegment | null {
  let moof: Box | undefined;
  let mdat: Box | undefined;
  for (const box of boxesIn(head)) {
    if (box.type === 'moof' && !moof) moof = box;
    else if (box.type === 'mdat') mdat = box;
    else if (moof) return null;
  }
  if (!moof || !mdat || moof.end > head.length) return null;
  const traf = boxesIn(head, moof.start, moof.end).find((box) => box.type === 'traf');
  if (!traf) return null;
  let startTicks = 0;
  let defaults = { duration: init.defaultDuration, size: init.defaultSize };
  const sum = { samples: 0, bytes: 0, ticks: 0 };
  for (const box of boxesIn(head, traf.start, traf.end)) {
    if (box.type === 'tfhd') defaults = readHeader(head, box, defaults);
    if (box.type === 'tfdt') {
      startTicks =
        head[box.start] === 1 ? Number(head.readBigInt64BE(box.start + 4)) : head.readUInt32BE(box.start + 4);
    }
    if (box.type === 'trun') addRun(head, box, defaults, sum);
  }
  return {
    startTicks,
    durationTicks: sum.ticks,
    samples: sum.samples,
    sampleBytes: sum.bytes,
    dataBytes: mdat.end - mdat.start,
    end: mdat.end,
    independent: startsWithIdr(head, mdat),
  };
}

interface Defaults {
  duration: number;
  size: number;
}

function readHeader(data: Buffer, box: Box, before: Defaults): Defaults {
  const flags = data.readUInt32BE(box.start) & 0xffffff;
  let at = box.start + 8;
  if (flags & 0x01) at += 8;
  if (flags & 0x02) at += 4;
  const after = { ...before };
  if (flags & 0x08) {
    after.duration = data.readUInt32BE(at);
    at += 4;
  }
  if (flags & 0x10) after.size = data.readUInt32BE(at);
  return after;
}

function addRun(
  data: Buffer,
  box: Box,
  defaults: Defaults,
  sum: { samples: number; bytes: number; ticks: number },
): void {
  const flags = data.readUInt32BE(box.start) & 0xffffff;
  const count = data.readUInt32BE(box.start + 4);
  if (count > maxSamples) throw new RangeError('more samples than a segment can have');
  let at = box.start + 8 + (flags & 0x01 ? 4 : 0) + (flags & 0x04 ? 4 : 0);
  for (let n = 0; n < count && at <= box.end; n++) {
    let { duration, size } = defaults;
    if (flags & 0x100) {
      duration = data.readUInt32BE(at);
      at += 4;
    }
    if (flags & 0x200) {
      size = data.readUInt32BE(at);
      at += 4;
    }
    if (flags & 0x400) at += 4;
    if (flags & 0x800) at += 4;
    sum.samples += 1;
    sum.bytes += size;
    sum.ticks += duration;
  }
}

/** Walks the length-prefixed NAL units of the first sample up to its first slice: type 5 is IDR. */
function startsWithIdr(data: Buffer, mdat: Box): boolean {
  let at = mdat.start;
  while (at + 5 <= Math.min(mdat.end, data.length)) {
    const length = data.readUInt32BE(at);
    const type = (data[at + 4] ?? 0) & 0x1f;
    if (type === 5) return true;
    if ((type >= 1 && type <= 4) || length === 0) return false;
    at += 4 + length;
  }
  return false;
}
