import { createHash, randomFillSync } from 'node:crypto';
import { unixfs } from '@helia/unixfs';
import { MemoryBlockstore } from 'blockstore-core';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, DAG_WIDTH } from '../../protocol/constants.ts';
import { segmentCid, segmentMatches } from '../../protocol/segment.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

describe('segmentCid', () => {
  it.each([0, 1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 5 * CHUNK_BYTES + 77])(
    'agrees with the UnixFS importer for %d bytes',
    async (length) => {
      const bytes = randomFillSync(new Uint8Array(length));
      const files = unixfs({ blockstore: new MemoryBlockstore() } as never);
      const theirs = await files.addBytes(bytes, {
        rawLeaves: true,
        cidVersion: 1,
        reduceSingleLeafToSelf: true,
        chunker: fixedSize({ chunkSize: CHUNK_BYTES }),
        layout: balanced({ maxChildrenPerNode: DAG_WIDTH }),
      });
      expect((await segmentCid(bytes, sha256)).toString()).toBe(theirs.toString());
    },
  );
});

describe('segmentMatches', () => {
  it.each([500, 3 * CHUNK_BYTES])(
    'refuses a flipped byte, a missing byte and one too many (%d bytes)',
    async (size) => {
      const bytes = randomFillSync(new Uint8Array(size));
      const expected = { cid: await segmentCid(bytes, sha256), size };
      expect(await segmentMatches(bytes, expected, sha256)).toBe(true);
      const flipped = Uint8Array.from(bytes);
      flipped[size - 1] = (flipped[size - 1] ?? 0) ^ 1;
      expect(await segmentMatches(flipped, expected, sha256)).toBe(false);
      expect(await segmentMatches(bytes.subarray(1), expected, sha256)).toBe(false);
      expect(await segmentMatches(Uint8Array.of(...bytes.subarray(0, 500), 0), expected, sha256)).toBe(false);
    },
  );
});
