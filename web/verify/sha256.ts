/** SHA-256 as fast as the page may: WebCrypto where there is one, else in JavaScript (plain http on a home network). */
import { sha256 as inJavaScript } from '@noble/hashes/sha2.js';

export async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // A page over plain http has no `subtle`, whatever the types say.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return inJavaScript(bytes);
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
