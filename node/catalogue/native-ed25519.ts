/** Ed25519 checks by OpenSSL, several times faster than the portable ones that browsers use. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import type { SignatureCheck } from '../../protocol/verified.ts';

/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410 §4), up to the 32 key bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
/** A channel's records come in a row, and making a key object costs as much as half a check. */
const KEPT_KEYS = 256;

/** A check that remembers the keys it met last. */
export function createNativeEd25519(): SignatureCheck {
  const keys = new Map<string, KeyObject>();

  function keyObject(raw: Uint8Array): KeyObject {
    const name = Buffer.from(raw).toString('latin1');
    const known = keys.get(name);
    if (known !== undefined) return known;
    const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' });
    if (keys.size >= KEPT_KEYS) keys.clear();
    keys.set(name, key);
    return key;
  }

  return (signature, message, key) => {
    try {
      return verify(null, message, keyObject(key), signature);
    } catch {
      return false;
    }
  };
}
