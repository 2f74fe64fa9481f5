/** Asks ffprobe what a file holds and refuses, in one clear line, what cannot become a film. */
import type { Log } from '../log.ts';
import type { Source } from './source.ts';
import type { Tools } from './tools.ts';

export interface ProbeOptions {
  tools: Tools;
  signal?: AbortSignal;
  log?: Log;
}

/**
 * Reads a local file's streams. The content decides, not the extension.
 * Throws `vanished`, `unreadable`, `not-media`, `truncated`, `unsupported-media`, `timeout` or `cancelled`; the
 * message names the file and the reason.
 */
export async function probe(_path: string, _options: ProbeOptions): Promise<Source> {
  throw new Error('in the making');
}
