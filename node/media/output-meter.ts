/** Counts the bytes of finished segments while they are made, so that a transcode can't fill the disk. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { files } from './arguments.ts';

/**
 * Counts what is finished in a directory. Each call looks only at what came since the last one, so that all calls
 * together cost one look per segment. Returns bytes so far.
 */
export function outputMeter(outDir: string, ids: readonly string[]): () => Promise<number> {
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
    return bytes;
  };
}
