/** Memory for segments that is used again: taking and clearing fresh memory for each costs more than reading it. */

/** Lengths are rounded up to this, so that segments of about one size fit each other's memory. */
const GRAIN_BYTES = 64 * 1024;
/** Memory up to this many times as long as is wanted may be used. */
const LARGEST_WASTE = 2;

/** `capacity`: bytes kept that are in no use. */
export function createBufferPool({ capacity }: { capacity: number }) {
  /** Longest unused first out. */
  const idle: ArrayBuffer[] = [];
  let idleBytes = 0;

  return {
    /** Memory of just this length, holding anything. */
    take(bytes: number): Buffer {
      const fits = (each: ArrayBuffer) =>
        each.byteLength >= bytes && each.byteLength <= Math.max(GRAIN_BYTES, bytes * LARGEST_WASTE);
      const at = idle.findLastIndex(fits);
      const [memory = fresh(bytes)] = at < 0 ? [] : idle.splice(at, 1);
      if (at >= 0) idleBytes -= memory.byteLength;
      return Buffer.from(memory, 0, bytes);
    },

    /** Gives memory back that nothing looks at any more. */
    give(buffer: Buffer): void {
      const memory = buffer.buffer as ArrayBuffer;
      idle.push(memory);
      idleBytes += memory.byteLength;
      while (idleBytes > capacity) idleBytes -= idle.shift()?.byteLength ?? 0;
    },

    idleBytes: () => idleBytes,
  };
}

export type BufferPool = ReturnType<typeof createBufferPool>;

function fresh(bytes: number): ArrayBuffer {
  const whole = Math.max(1, Math.ceil(bytes / GRAIN_BYTES)) * GRAIN_BYTES;
  return Buffer.allocUnsafeSlow(whole).buffer as ArrayBuffer;
}
