/** Files into blocks, by the profile that `protocol/segment.ts` decides for node and browser. */
import { readFile, stat } from 'node:fs/promises';
import type { CID } from 'multiformats/cid';
import { cidOf, DAG_PB, RAW } from '../../protocol/cid.ts';
import { CHUNK_BYTES, MAX_SEGMENT_BYTES } from '../../protocol/constants.ts';
import type { FileRef } from '../../protocol/manifest.ts';
import { chunks, segmentRoot } from '../../protocol/segment.ts';
import { HeliographError } from '../errors.ts';
import { eachParallel } from './each-parallel.ts';
import { sha256 } from './sha256.ts';

const WIDTH = 4;

export type PutBlock = (cid: CID, block: Uint8Array) => Promise<unknown>;

/** Stores bytes as a UnixFS file: leaves first, so that a root that is here has had its leaves. */
export async function storeBytes(bytes: Uint8Array, put: PutBlock): Promise<FileRef> {
  const size = bytes.byteLength;
  if (size > MAX_SEGMENT_BYTES) {
    throw new HeliographError(
      'too-large',
      `a file of ${size} bytes passes 64 MiB, the most one can have here`,
    );
  }
  if (size <= CHUNK_BYTES) {
    const cid = cidOf(RAW, sha256(bytes));
    await put(cid, bytes);
    return { cid, size };
  }
  const digests: Uint8Array[] = [];
  const root = await segmentRoot(bytes, (chunk) => {
    const digest = sha256(chunk);
    digests.push(digest);
    return digest;
  });
  await eachParallel([...chunks(bytes)].entries(), WIDTH, async ([index, chunk]) => {
    await put(cidOf(RAW, digests[index] as Uint8Array), chunk);
  });
  const cid = cidOf(DAG_PB, sha256(root));
  await put(cid, root);
  return { cid, size };
}

/** Reads a file of the disk and stores it. Throws `vanished`, `unreadable` or `too-large`, naming the file. */
export async function storeFile(path: string, put: PutBlock, signal?: AbortSignal): Promise<FileRef> {
  return storeBytes(await readWhole(path, signal), put);
}

async function readWhole(path: string, signal?: AbortSignal): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MAX_SEGMENT_BYTES) {
      throw new HeliographError(
        'too-large',
        `"${path}" has ${size} bytes; 64 MiB is the most one file can have here`,
      );
    }
    return await readFile(path, signal ? { signal } : {});
  } catch (cause) {
    if (cause instanceof HeliographError) throw cause;
    if (signal?.aborted) throw new HeliographError('cancelled', `storing "${path}" was cancelled`, { cause });
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new HeliographError('vanished', `"${path}" is gone`, { cause });
    }
    throw new HeliographError('unreadable', `"${path}" cannot be read: ${(cause as Error).message}`, {
      cause,
    });
  }
}
