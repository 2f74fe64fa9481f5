/** `Verified<T>`: the only form of a foreign record that the rest of the program accepts, and how one is made. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { CID } from 'multiformats/cid';
import { decodeCanonical, encodeCanonical, sameBytes } from './canonical.ts';
import { cborCid } from './cid.ts';
import { MAX_AHEAD_MS, MAX_MIRROR_LIFE_MS, MAX_RECORD_BYTES, RECORD_DOMAIN } from './constants.ts';
import { type AnyRecord, type ChannelRecord, recordInconsistency, recordShape } from './records.ts';

declare const verified: unique symbol;

/** A record whose signature, signer, shape, size and date were checked. Only `verifyRecord` makes one. */
export interface Verified<T extends AnyRecord> {
  readonly record: T;
  /** The signed bytes, as they travel and are stored. */
  readonly bytes: Uint8Array;
  /** The CID of those bytes as a DAG-CBOR block. */
  readonly cid: CID;
  readonly [verified]: true;
}

export const refusalCodes = [
  'too-large',
  'not-canonical',
  'malformed',
  'unknown-type',
  'bad-signature',
  'wrong-key',
  'not-editor',
  'from-the-future',
  'expired',
  'lower-seq',
  'fork',
  'deleted',
  'unknown-channel',
  'full',
] as const;

/** Why a record was refused: a code to count by and a sentence to show. */
export interface Refusal {
  readonly code: (typeof refusalCodes)[number];
  readonly reason: string;
}
export type RefusalCode = Refusal['code'];

export type Verdict<T extends AnyRecord = AnyRecord> =
  | { readonly ok: true; readonly value: Verified<T> }
  | { readonly ok: false; readonly refusal: Refusal };

export interface VerifyContext {
  /** Milliseconds since 1970 by the reader's clock. */
  readonly now: number;
  /** The newest known record of the channel with this root key, for records signed by a delegated key. */
  readonly channel?: (rootKey: Uint8Array) => ChannelRecord | undefined;
  /**
   * True for a record read back whole from the reader's own disk: signature, clock and delegation were checked when
   * it came.
   */
  readonly kept?: boolean;
  /** A faster Ed25519 than the portable one, where the platform has it. */
  readonly ed25519?: SignatureCheck;
}

/** Whether this Ed25519 signature (RFC 8032) fits the message and public key; false, never an exception. */
export type SignatureCheck = (signature: Uint8Array, message: Uint8Array, key: Uint8Array) => boolean;

/** Signs a record with a 32-byte Ed25519 secret key; the result is what travels. */
export function signRecord(record: AnyRecord, secretKey: Uint8Array): Uint8Array {
  const payload = encodeCanonical(record);
  const signature = ed25519.sign(withDomain(payload), secretKey);
  return encodeCanonical({ key: ed25519.getPublicKey(secretKey), payload, signature });
}

/** Checks a foreign record, cheapest test first. Pure: a refusal is a value, never an exception. */
export function verifyRecord(bytes: Uint8Array, context: VerifyContext): Verdict {
  if (bytes.byteLength > MAX_RECORD_BYTES) return refuse('too-large', `${bytes.byteLength} bytes`);
  const envelope = readEnvelope(decodeCanonical(bytes));
  if (envelope === undefined) return refuse('not-canonical', 'the envelope is not canonical DAG-CBOR');
  const content = decodeCanonical(envelope.payload);
  if (content === undefined) return refuse('not-canonical', 'the payload is not canonical DAG-CBOR');
  if (!isKnownType(content))
    return refuse('unknown-type', 'a record of a type or version from a later program');
  const parsed = recordShape.safeParse(content);
  if (!parsed.success)
    return refuse('malformed', parsed.error.issues.map((i) => i.path.join('.')).join(', '));
  const record = parsed.data;
  const inconsistency = recordInconsistency(record);
  if (inconsistency !== null) return refuse('malformed', inconsistency);
  if (!context.kept && record.at > context.now + MAX_AHEAD_MS)
    return refuse('from-the-future', new Date(record.at).toISOString());
  if (record.type === 'mirror') {
    if (record.until - record.at > MAX_MIRROR_LIFE_MS)
      return refuse('malformed', 'it claims too long a life');
    if (record.until <= context.now) return refuse('expired', new Date(record.until).toISOString());
  }
  const wrongKey = signerFault(record, envelope.key, context);
  if (wrongKey !== null) return wrongKey;
  const fits = context.ed25519 ?? portableEd25519;
  if (!context.kept && !fits(envelope.signature, withDomain(envelope.payload), envelope.key))
    return refuse('bad-signature', 'the signature does not fit the payload and key');
  return { ok: true, value: { record, bytes, cid: cborCid(bytes) } as Verified<AnyRecord> };
}

/** Whether this verdict's record is of the type wanted, for callers that asked for one thing. */
export function isRecordType<K extends AnyRecord['type']>(
  value: Verified<AnyRecord>,
  type: K,
): value is Verified<Extract<AnyRecord, { type: K }>> {
  return value.record.type === type;
}

function signerFault(record: AnyRecord, key: Uint8Array, context: VerifyContext): Verdict | null {
  const owner = record.type === 'mirror' ? record.node : record.channel;
  if (sameBytes(key, owner)) return null;
  if (record.type === 'item' && context.kept) return null;
  if (record.type !== 'item')
    return refuse('wrong-key', `a ${record.type} record is signed by its own key only`);
  const channel = context.channel?.(record.channel);
  if (channel === undefined)
    return refuse('unknown-channel', 'signed by a delegate of a channel not yet known');
  const delegate = channel.keys.find((k) => k.scope === 'editor' && sameBytes(k.key, key));
  if (delegate === undefined) return refuse('not-editor', 'the signer is no editor of this channel');
  const late = Math.max(record.at, context.now) > delegate.until;
  return late ? refuse('not-editor', 'the editor key has run out') : null;
}

/** Whether a payload claims to be a record that this program knows; one that claims nothing is merely malformed. */
function isKnownType(content: unknown): boolean {
  if (typeof content !== 'object' || content === null) return true;
  const { type, v } = content as { type?: unknown; v?: unknown };
  const known = recordShape.def.options.some((option) => option.def.shape.type.def.values[0] === type);
  return typeof type !== 'string' || typeof v !== 'number' || (known && v === 1);
}

interface Envelope {
  key: Uint8Array;
  payload: Uint8Array;
  signature: Uint8Array;
}

function readEnvelope(value: unknown): Envelope | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return undefined;
  const { key, payload, signature } = value as Partial<Record<keyof Envelope, unknown>>;
  if (!(key instanceof Uint8Array) || key.byteLength !== 32) return undefined;
  if (!(signature instanceof Uint8Array) || signature.byteLength !== 64) return undefined;
  return payload instanceof Uint8Array ? { key, payload, signature } : undefined;
}

const portableEd25519: SignatureCheck = (signature, message, key) => {
  try {
    return ed25519.verify(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
};

function withDomain(payload: Uint8Array): Uint8Array {
  const domain = utf8ToBytes(RECORD_DOMAIN);
  const message = new Uint8Array(domain.byteLength + payload.byteLength);
  message.set(domain);
  message.set(payload, domain.byteLength);
  return message;
}

function refuse(code: RefusalCode, reason: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, reason } };
}
