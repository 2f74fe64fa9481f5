/** SHA-256 by OpenSSL. */
import { hash } from 'node:crypto';

/**
 * On the spot: a block has at most 1 MiB, under a millisecond, and WebCrypto's copy to another thread costs more in
 * all than it takes off this one.
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', bytes, 'buffer'));
}
