/** Counts finished segments while they are made: for progress, and so that a transcode can't fill the disk. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { files } from './arguments.ts';

export interface Output {
  /** Bytes of all finished segments. */
  bytes: number;
  /** Segments that every rendition has finished. */
  segments: number;
}

/**
 * Watches the folders of the given renditions. Each call looks only at what came since the last one, so that all calls
 * together cost one look per segment.
 */
export function outputMeter(outDir: string, ids: readonly string[]): () => Promise<Output> {
  const next = new Map(ids.map((id) => [id, 0]));
  let bytes = 0;
  return async () => {
    for (const [id, from] of next) {
      let number = from;
      for (;;) {
        const found = await stat(join(outDir, id, files.segment(number))).catch(() => null);
        if (!found) break;
        bytes += found.size;
        number += 1;
      }
      next.set(id, number);
    }
    return { bytes, segments: Math.min(...next.values()) };
  };
}
