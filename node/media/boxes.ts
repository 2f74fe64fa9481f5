/** Walks the boxes of an MP4 file (ISO/IEC 14496-12) in memory. Pure. */

export interface Box {
  type: string;
  /** Where its payload starts, counted from the start of the buffer. */
  start: number;
  /** Where it ends; may lie beyond the buffer when only the head of a file was read. */
  end: number;
}

/** The boxes that lie side by side between two offsets. Stops at the first impossible size. */
export function boxesIn(data: Buffer, start = 0, end = data.length): Box[] {
  const boxes: Box[] = [];
  let at = start;
  while (at + 8 <= end && at + 8 <= data.length) {
    let size = data.readUInt32BE(at);
    let header = 8;
    if (size === 1 && at + 16 <= data.length) {
      size = Number(data.readBigUInt64BE(at + 8));
      header = 16;
    }
    if (size < header) break;
    boxes.push({ type: data.toString('latin1', at + 4, at + 8), start: at + header, end: at + size });
    at += size;
  }
  return boxes;
}

/** The first box at a path such as `moov/trak/mdia`; null when a step of it is missing. */
export function findBox(data: Buffer, path: string): Box | null {
  let found: Box = { type: '', start: 0, end: data.length };
  for (const type of path.split('/')) {
    const next = boxesIn(data, found.start, found.end).find((box) => box.type === type);
    if (!next) return null;
    found = next;
  }
  return found;
}
