/** Checks that every rendition made is whole and playable: a job is done only when this passes. */
import type { Tools } from './tools.ts';
import type { Transcoded } from './transcode.ts';

/** Throws `ffmpeg-failed` naming the rendition and what is wrong with it. `transcode` has already called this. */
export async function verifyRenditions(
  _made: Transcoded,
  _options: { tools: Tools; signal?: AbortSignal },
): Promise<void> {
  throw new Error('in the making');
}
