import { afterEach, expect, it, vi } from 'vitest';
import { sha256 } from '../../../web/verify/sha256.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const ofAbc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

afterEach(() => void vi.unstubAllGlobals());

it('hashes the same with WebCrypto and, on a page over plain http, without', async () => {
  const abc = new TextEncoder().encode('abc');
  expect(text(await sha256(abc))).toBe(ofAbc);
  vi.stubGlobal('crypto', {});
  expect(text(await sha256(abc))).toBe(ofAbc);
});
