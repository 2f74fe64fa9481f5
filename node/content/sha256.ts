/** SHA-256 by OpenSSL, away from the event loop when there is much to hash. */
import { hash } from 'node:crypto';

/** Below this, handing the bytes to another thread costs more than hashing them. */
const HERE_BYTES = 128 * 1024;

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  if (bytes.byteLength < HERE_BYTES) return new Uint8Array(hash('sha256', bytes, 'buffer'));
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
