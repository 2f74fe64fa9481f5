/** One sync exchange's stream: whole frames, each within its size and its time. */
import type { Stream } from '@libp2p/interface';
import { lpStream } from '@libp2p/utils';
import { MAX_SYNC_FRAME_BYTES } from '../../protocol/constants.ts';

/** A side that sends on without being asked fills this buffer, and the stream is reset. */
const BUFFER_BYTES = 2 * MAX_SYNC_FRAME_BYTES;
const GO_ON = new Uint8Array(0);

export interface SyncStream {
  /** The next frame. Throws when it is too large, late, or the stream ends. */
  read(): Promise<Uint8Array>;
  write(frame: Uint8Array): Promise<void>;
  /** Asks for the next frame: the side that takes sets the pace, whatever the transport's own flow control does. */
  askOn(): Promise<void>;
  /** Waits to be asked for the next frame. */
  askedOn(): Promise<void>;
  close(): Promise<void>;
  /** Ends both directions at once; for a peer that broke the rules, or when there is no time for a good end. */
  abort(reason: Error): void;
}

/** `frameMs` is the longest wait for the other side's next frame, or for room to send ours. */
export function openSyncStream(stream: Stream, frameMs: number, signal: AbortSignal): SyncStream {
  const frames = lpStream(stream, { maxDataLength: MAX_SYNC_FRAME_BYTES, maxBufferSize: BUFFER_BYTES });
  const soon = () => ({ signal: AbortSignal.any([signal, AbortSignal.timeout(frameMs)]) });
  return {
    read: async () => (await frames.read(soon())).subarray(),
    write: (frame) => frames.write(frame, soon()),
    askOn: () => frames.write(GO_ON, soon()),
    async askedOn() {
      const frame = await frames.read(soon());
      if (frame.byteLength > 0) throw new Error('the peer sent something else than a request to go on');
    },
    close: () => stream.close(soon()),
    abort: (reason) => stream.abort(reason),
  };
}
