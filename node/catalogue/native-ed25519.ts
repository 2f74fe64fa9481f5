/** Ed25519 checks by OpenSSL, several times faster than the portable ones that browsers use. */
import { createPublicKey, verify } from 'node:crypto';
import type { SignatureCheck } from '../../protocol/verified.ts';

/** DER of a SubjectPublicKeyInfo for Ed25519 (RFC 8410 §4), up to the 32 key bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

export const nativeEd25519: SignatureCheck = (signature, message, key) => {
  try {
    const publicKey = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, key]),
      format: 'der',
      type: 'spki',
    });
    return verify(null, message, publicKey, signature);
  } catch {
    return false;
  }
};
