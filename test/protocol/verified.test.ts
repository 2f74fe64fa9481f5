import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNativeEd25519 } from '../../node/catalogue/native-ed25519.ts';
import { decodeCanonical, encodeCanonical } from '../../protocol/canonical.ts';
import { MAX_AHEAD_MS, MAX_RECORD_BYTES, RECORD_DOMAIN, TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import type { AnyRecord } from '../../protocol/records.ts';
import { type SignatureCheck, signRecord, verifyRecord } from '../../protocol/verified.ts';
import {
  channelRecord,
  editorKey,
  editorSecret,
  itemRecord,
  mirrorRecord,
  NOW,
  nodeSecret,
  rootSecret,
  strangerSecret,
} from './sample-records.ts';

const portable: SignatureCheck | undefined = undefined;
const editor = channelRecord({ keys: [{ key: editorKey, scope: 'editor', until: NOW + 1000 }] });

/** Signs any payload bytes, as an attacker with a key of its own could. */
function signPayload(payload: Uint8Array, secret: Uint8Array): Uint8Array {
  const message = Buffer.concat([Buffer.from(RECORD_DOMAIN), payload]);
  return encodeCanonical({
    key: ed25519.getPublicKey(secret),
    payload,
    signature: ed25519.sign(message, secret),
  });
}

describe.each([
  ['the portable check', portable],
  ['the native check', createNativeEd25519()],
] as const)('verifyRecord with %s', (_name, check) => {
  const verify = (bytes: Uint8Array, now = NOW, channel = editor) =>
    verifyRecord(bytes, { now, channel: () => channel, ...(check ? { ed25519: check } : {}) });
  const code = (bytes: Uint8Array, now = NOW) => {
    const verdict = verify(bytes, now);
    return verdict.ok ? 'ok' : verdict.refusal.code;
  };

  it('accepts each kind of record signed by its key, and gives it back as it was', () => {
    const signed: [AnyRecord, Uint8Array][] = [
      [channelRecord(), rootSecret],
      [itemRecord(), rootSecret],
      [itemRecord(), editorSecret],
      [mirrorRecord(), nodeSecret],
      [channelRecord({ deleted: true, seq: TOMBSTONE_SEQ, name: '' }), rootSecret],
    ];
    for (const [record, secret] of signed) {
      const verdict = verify(signRecord(record, secret));
      expect(verdict.ok && verdict.value.record).toEqual(record);
    }
  });

  it('refuses a record with any byte flipped', () => {
    const good = signRecord(itemRecord(), rootSecret);
    for (let at = 0; at < good.byteLength; at++) {
      const bad = Uint8Array.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x01;
      expect(code(bad), `byte ${at}`).not.toBe('ok');
    }
  });

  it('names a signature that does not fit', () => {
    const { key, payload } = decodeCanonical(signRecord(channelRecord(), rootSecret)) as Record<
      string,
      Uint8Array
    >;
    expect(code(encodeCanonical({ key, payload, signature: new Uint8Array(64) }))).toBe('bad-signature');
  });

  it('refuses a signature made over the payload without our domain', () => {
    const payload = encodeCanonical(channelRecord());
    const signature = ed25519.sign(payload, rootSecret);
    expect(code(encodeCanonical({ key: ed25519.getPublicKey(rootSecret), payload, signature }))).toBe(
      'bad-signature',
    );
  });

  it('refuses a key that may not sign', () => {
    expect(code(signRecord(channelRecord(), strangerSecret))).toBe('wrong-key');
    expect(code(signRecord(itemRecord(), strangerSecret))).toBe('not-editor');
    expect(code(signRecord(mirrorRecord(), rootSecret))).toBe('wrong-key');
  });

  it('refuses an editor whose time has run out, who was revoked, or whose channel is unknown', () => {
    const signed = signRecord(itemRecord(), editorSecret);
    expect(code(signed, NOW + 2000)).toBe('not-editor');
    const revoked = verify(signed, NOW, channelRecord({ keys: [] }));
    expect(!revoked.ok && revoked.refusal.code).toBe('not-editor');
    const unknown = verifyRecord(signed, { now: NOW });
    expect(!unknown.ok && unknown.refusal.code).toBe('unknown-channel');
  });

  it('refuses what is too large before it parses it', () => {
    expect(code(new Uint8Array(MAX_RECORD_BYTES + 1))).toBe('too-large');
  });

  it('refuses bytes that are not canonical', () => {
    expect(code(Uint8Array.of(0xff))).toBe('not-canonical');
    expect(code(Uint8Array.of(...signRecord(channelRecord(), rootSecret), 0))).toBe('not-canonical');
    // The same map with one key length written in two bytes: same meaning, other bytes.
    const payload = encodeCanonical(channelRecord());
    const longer = Uint8Array.of(payload[0] ?? 0, 0x78, (payload[1] ?? 0) - 0x60, ...payload.subarray(2));
    expect(code(signPayload(longer, rootSecret))).toBe('not-canonical');
  });

  it('refuses shapes that are not exactly ours', () => {
    const odd: object[] = [
      { ...channelRecord(), extra: 1 },
      { ...channelRecord(), seq: -1 },
      { ...channelRecord(), seq: 1.5 },
      { ...channelRecord(), name: '  ' },
      { ...channelRecord(), seq: TOMBSTONE_SEQ },
      { ...itemRecord(), manifest: null },
      { ...itemRecord(), nonce: new Uint8Array(15) },
      { ...mirrorRecord(), until: NOW - 1 },
      { ...mirrorRecord(), until: NOW + 86_400_000 },
      { ...mirrorRecord(), http: ['javascript:alert(1)'] },
    ];
    for (const payload of odd) {
      const secret = 'node' in payload ? nodeSecret : rootSecret;
      expect(code(signPayload(encodeCanonical(payload), secret)), JSON.stringify(payload)).toBe('malformed');
    }
  });

  it('tells records of a later program from malformed ones', () => {
    for (const payload of [
      { ...channelRecord(), type: 'schedule' },
      { ...channelRecord(), v: 2 },
    ]) {
      expect(code(signPayload(encodeCanonical(payload), rootSecret))).toBe('unknown-type');
    }
    expect(code(signPayload(encodeCanonical({ v: 1 }), rootSecret))).toBe('malformed');
  });

  it('refuses the future beyond a clock’s error, and mirrors that have run out', () => {
    expect(code(signRecord(channelRecord({ at: NOW + MAX_AHEAD_MS }), rootSecret))).toBe('ok');
    expect(code(signRecord(channelRecord({ at: NOW + MAX_AHEAD_MS + 1 }), rootSecret))).toBe(
      'from-the-future',
    );
    expect(code(signRecord(mirrorRecord(), nodeSecret), NOW + 600_000)).toBe('expired');
  });
});

it('never throws, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(verifyRecord(bytes, { now: NOW }).ok).toBe(false);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: false }), (value) => {
      let payload: Uint8Array;
      try {
        payload = encodeCanonical(value);
      } catch {
        return;
      }
      expect(verifyRecord(signPayload(payload, rootSecret), { now: NOW }).ok).toBe(false);
    }),
    { numRuns: 200 },
  );
});
