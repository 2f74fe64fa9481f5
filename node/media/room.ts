/** Watches the room on the disk that a transcode writes to: ffmpeg's muxer goes on writing when there is none. */
import { statfs } from 'node:fs/promises';

/** Below this a file system counts as full: the last blocks are never handed out evenly. */
const fullBelowBytes = 16 * 1024;

/** True when the file system of a folder has no more than `reserveBytes` left for this process. */
export async function outOfRoom(folder: string, reserveBytes: number): Promise<boolean> {
  const found = await statfs(folder).catch(() => null);
  if (!found) return false;
  // Some blocks are kept for root, who alone may fill them.
  const blocks = process.getuid?.() === 0 ? found.bfree : found.bavail;
  return blocks * found.bsize < Math.max(fullBelowBytes, reserveBytes);
}
