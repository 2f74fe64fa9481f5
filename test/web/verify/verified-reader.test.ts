import { describe, expect, it } from 'vitest';
import { encodeCanonical } from '../../../protocol/canonical.ts';
import { cborCid } from '../../../protocol/cid.ts';
import { segmentCid } from '../../../protocol/segment.ts';
import { WebError } from '../../../web/errors.ts';
import type { FetchLimits } from '../../../web/gateway/fetch-bytes.ts';
import { sha256 } from '../../../web/verify/sha256.ts';
import { SourceBook } from '../../../web/verify/source-book.ts';
import { VerifiedReader } from '../../../web/verify/verified-reader.ts';

type Answer = (path: string) => Uint8Array<ArrayBuffer> | WebError;

/** A reader over these sources, the first of which is the own gateway. */
function readerOver(answers: Record<string, Answer>) {
  const [own = '', ...mirrors] = Object.keys(answers);
  const asked: string[] = [];
  const fetchBytes = async (url: string, { maxBytes }: FetchLimits) => {
    const { origin, pathname, search } = new URL(url);
    asked.push(origin);
    const answer = answers[origin]?.(pathname + search) ?? new WebError('unreachable', url);
    if (answer instanceof WebError) throw answer;
    if (answer.byteLength > maxBytes) throw new WebError('too-large', url);
    return answer;
  };
  const reader = new VerifiedReader({
    sources: new SourceBook(own, mirrors),
    sha256,
    fetchBytes,
    now: () => 0,
  });
  return { reader, asked };
}

const bytes = new Uint8Array(5_000).map((_, index) => index % 251);
const ref = { cid: await segmentCid(bytes, sha256), size: bytes.byteLength };
const flipped = bytes.slice();
flipped[2_500] = (flipped[2_500] ?? 0) ^ 1;

describe('a file', () => {
  it('comes from the own gateway when that gives true bytes', async () => {
    const { reader, asked } = readerOver({ 'http://own': () => bytes, 'http://mirror': () => bytes });
    expect(await reader.file(ref)).toEqual(bytes);
    expect(asked).toEqual(['http://own']);
  });

  it.each([
    ['one flipped byte', () => flipped],
    ['a truncated file', () => bytes.slice(0, -1)],
    ['a file that is too long', () => new Uint8Array(5_001)],
    ['nothing', () => new WebError('not-found', '')],
    ['no answer', () => new WebError('timed-out', '')],
  ])('is taken elsewhere after %s', async (_, answer) => {
    const { reader, asked } = readerOver({ 'http://own': answer, 'http://mirror': () => bytes });
    expect(await reader.file(ref)).toEqual(bytes);
    expect(asked).toEqual(['http://own', 'http://mirror']);
  });

  it('says who was refused', async () => {
    const { reader } = readerOver({ 'http://own': () => flipped, 'http://mirror': () => bytes });
    const heard: unknown[] = [];
    await reader.file(ref, undefined, (read) => heard.push(read));
    expect(heard).toEqual([
      { base: 'http://own', bytes: 0, fault: 'wrong-bytes' },
      { base: 'http://mirror', bytes: 5_000, fault: null },
    ]);
  });

  it('is not given up for a lie when all lie, but fails', async () => {
    const { reader, asked } = readerOver({ 'http://own': () => flipped, 'http://mirror': () => flipped });
    await expect(reader.file(ref)).rejects.toMatchObject({ code: 'no-source' });
    expect(asked).toEqual(['http://own', 'http://mirror', 'http://own']);
  });

  it('waits for a dead mirror once', async () => {
    const silent = () => new WebError('timed-out', '');
    const { reader, asked } = readerOver({ 'http://own': silent, 'http://dead': silent });
    await expect(reader.file(ref)).rejects.toMatchObject({ code: 'no-source' });
    expect(asked).toEqual(['http://own', 'http://dead', 'http://own']);
  });

  it('stops asking when the page goes', async () => {
    const { reader, asked } = readerOver({ 'http://own': () => new WebError('stopped', '') });
    await expect(reader.file(ref)).rejects.toMatchObject({ code: 'stopped' });
    expect(asked).toHaveLength(1);
  });
});

describe('a block', () => {
  const block = encodeCanonical({ a: 1 }) as Uint8Array<ArrayBuffer>;

  it('is asked for raw and must hash to its CID', async () => {
    const paths: string[] = [];
    const answer: Answer = (path) => {
      paths.push(path);
      return block;
    };
    const { reader } = readerOver({ 'http://own': answer });
    expect(await reader.block(cborCid(block))).toEqual(block);
    expect(paths).toEqual([`/ipfs/${cborCid(block)}?format=raw`]);
    await expect(reader.block(cborCid(encodeCanonical({ a: 2 })))).rejects.toMatchObject({
      code: 'no-source',
    });
  });
});

it('takes a poster whose size nobody stated, if its bytes are those of its CID', async () => {
  const { reader, asked } = readerOver({ 'http://own': () => flipped, 'http://mirror': () => bytes });
  expect(await reader.fileUpTo(ref.cid, 10_000)).toEqual(bytes);
  expect(asked).toEqual(['http://own', 'http://mirror']);
});
