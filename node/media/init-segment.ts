/** Reads an initialisation segment: codec string, clock, size of the picture. Pure. */
import { type Box, boxesIn, findBox } from './boxes.ts';

export interface InitSegment {
  /** RFC 6381: `avc1.640028`, `mp4a.40.2`. */
  codecs: string;
  /** Ticks per second of every time in the media segments. */
  timescale: number;
  /** Ticks that an edit list takes off the start (B-frame delay, AAC priming). */
  mediaTime: number;
  /** What a sample lasts and weighs when its fragment does not say. */
  defaultDuration: number;
  defaultSize: number;
  width: number;
  height: number;
}

/** Null when the bytes are not an initialisation segment of one H.264 or AAC track. */
export function readInit(data: Buffer): InitSegment | null {
  try {
    return readTrack(data);
  } catch (error) {
    // Boxes that claim more than is there.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function readTrack(data: Buffer): InitSegment | null {
  const mdhd = findBox(data, 'moov/trak/mdia/mdhd');
  const stsd = findBox(data, 'moov/trak/mdia/minf/stbl/stsd');
  const trex = findBox(data, 'moov/mvex/trex');
  if (!mdhd || !stsd || !trex || trex.end > data.length) return null;
  const entry = boxesIn(data, stsd.start + 8, stsd.end)[0];
  if (!entry || entry.end > data.length) return null;
  const codecs = codecString(data, entry);
  if (!codecs) return null;
  const picture = entry.type.startsWith('avc');
  return {
    codecs,
    timescale: data.readUInt32BE(mdhd.start + (data[mdhd.start] === 1 ? 20 : 12)),
    mediaTime: editListStart(data),
    defaultDuration: data.readUInt32BE(trex.start + 12),
    defaultSize: data.readUInt32BE(trex.start + 16),
    width: picture ? data.readUInt16BE(entry.start + 24) : 0,
    height: picture ? data.readUInt16BE(entry.start + 26) : 0,
  };
}

function codecString(data: Buffer, entry: Box): string | null {
  if (entry.type === 'avc1' || entry.type === 'avc3') {
    const avcc = boxesIn(data, entry.start + 78, entry.end).find((box) => box.type === 'avcC');
    if (!avcc) return null;
    return `${entry.type}.${data.toString('hex', avcc.start + 1, avcc.start + 4)}`;
  }
  if (entry.type === 'mp4a') {
    const esds = boxesIn(data, entry.start + 28, entry.end).find((box) => box.type === 'esds');
    const object = esds ? audioObjectType(data, esds) : null;
    return object === null ? null : `mp4a.40.${object}`;
  }
  return null;
}

/** The audio object type (2 is AAC-LC) in the descriptors of an esds box (ISO/IEC 14496-1, 7.2.6). */
function audioObjectType(data: Buffer, esds: Box): number | null {
  let at = esds.start + 4;
  while (at < esds.end) {
    const tag = data[at++];
    let byte = 0x80;
    while (byte & 0x80 && at < esds.end) byte = data[at++] ?? 0;
    if (tag === 0x03) at += 3;
    else if (tag === 0x04) at += 13;
    else if (tag === 0x05) return (data[at] ?? 0) >> 3;
    else return null;
  }
  return null;
}

function editListStart(data: Buffer): number {
  const elst = findBox(data, 'moov/trak/edts/elst');
  if (!elst) return 0;
  const long = data[elst.start] === 1;
  const count = data.readUInt32BE(elst.start + 4);
  for (let n = 0; n < count; n++) {
    const at = elst.start + 8 + n * (long ? 20 : 12);
    const time = long ? Number(data.readBigInt64BE(at + 8)) : data.readInt32BE(at + 4);
    // -1 is an empty edit: a delay, not a start.
    if (time >= 0) return time;
  }
  return 0;
}
