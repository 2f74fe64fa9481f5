/** DAG-CBOR in its one canonical form: what decodes here encodes back to the same bytes. */
import { decode, encode } from '@ipld/dag-cbor';

/** Encodes a value of the IPLD data model; throws on `undefined`, `NaN` and other values outside it. */
export function encodeCanonical(value: unknown): Uint8Array {
  return encode(value);
}

/** The decoded value, or undefined when the bytes are not DAG-CBOR in canonical form. */
export function decodeCanonical(bytes: Uint8Array): unknown {
  try {
    const value: unknown = decode(bytes);
    return sameBytes(encode(value), bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.byteLength !== b.byteLength) return false;
  for (let i = 0; i < a.byteLength; i++) if (a[i] !== b[i]) return false;
  return true;
}
