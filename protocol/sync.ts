/** Messages of the catalogue sync protocol: "this is what I have" and the records the other side has beyond it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { CID } from 'multiformats/cid';
import * as z from 'zod/mini';
import { decodeCanonical, encodeCanonical } from './canonical.ts';
import { MAX_RECORD_BYTES, MAX_SYNC_FRAME_BYTES } from './constants.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not bytes');
const digest = bytes.check(z.refine((value) => value.byteLength === 32));

const requestShape = z.strictObject({
  v: z.literal(1),
  /** Channel id and the digest of its records that the asking node holds. */
  have: z.array(z.tuple([z.string().check(z.maxLength(80)), digest])).check(z.maxLength(10_000)),
});

const frameShape = z.strictObject({
  v: z.literal(1),
  records: z
    .array(bytes.check(z.refine((value) => value.byteLength <= MAX_RECORD_BYTES)))
    .check(z.maxLength(4096)),
  /** True in the last frame of an exchange. */
  done: z.boolean(),
});

export type SyncRequest = z.infer<typeof requestShape>;
export type SyncFrame = z.infer<typeof frameShape>;

/** One digest for all records a node holds of one channel, in whatever order it met them. */
export function channelDigest(records: readonly CID[]): Uint8Array {
  const sorted = records.map((cid) => cid.toString()).sort();
  return sha256(utf8ToBytes(sorted.join('\n')));
}

export function encodeSyncRequest(request: SyncRequest): Uint8Array {
  return encodeCanonical(request);
}

export function encodeSyncFrame(frame: SyncFrame): Uint8Array {
  return encodeCanonical(frame);
}

export function decodeSyncRequest(message: Uint8Array): SyncRequest | null {
  return decode(requestShape, message);
}

export function decodeSyncFrame(message: Uint8Array): SyncFrame | null {
  return decode(frameShape, message);
}

function decode<T>(shape: z.ZodMiniType<T>, message: Uint8Array): T | null {
  if (message.byteLength > MAX_SYNC_FRAME_BYTES) return null;
  const parsed = shape.safeParse(decodeCanonical(message));
  return parsed.success ? parsed.data : null;
}
