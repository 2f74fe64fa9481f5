/** Finds the ffmpeg and ffprobe to use: the system's when new enough, else those that npm brought. */
import type { Config } from '../config.ts';

export interface Tool {
  path: string;
  /** As the tool says it, such as `5.1.9-0+deb12u1`. */
  version: string;
  origin: 'configured' | 'system' | 'shipped';
}

/** Both tools and what surrounds every run of them. */
export interface Tools {
  ffmpeg: Tool;
  ffprobe: Tool;
  /** Can turn HDR into SDR. */
  tonemap: boolean;
  /** Programs (with arguments) put before every run: limits, no network, death with the node. */
  guard: string[];
}

/** Finds both tools. Throws `ffmpeg-missing` naming what was tried. */
export async function findTools(
  _settings: Pick<Config['media'], 'ffmpeg' | 'ffprobe'>,
  _signal?: AbortSignal,
): Promise<Tools> {
  throw new Error('in the making');
}

/** One line for the node's start: which ffmpeg, which version, from where. */
export function describeTools(tools: Tools): string {
  return `ffmpeg ${tools.ffmpeg.version} (${tools.ffmpeg.origin}: ${tools.ffmpeg.path})`;
}
