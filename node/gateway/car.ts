/** A DAG as a CAR stream: every block that a trustless client needs to check the answer by itself. */
import { CarWriter } from '@ipld/car';
import { decode as decodeCbor } from '@ipld/dag-cbor';
import { decode as decodePb, type PBNode } from '@ipld/dag-pb';
import { UnixFS } from 'ipfs-unixfs';
import { CID } from 'multiformats/cid';
import { DAG_CBOR, DAG_PB } from '../../protocol/cid.ts';
import { HeliographError } from '../errors.ts';
import type { IpfsRequest } from './ipfs-request.ts';

/** Beyond this the stream breaks off, which a client sees: a CAR is for folders and files, not for a whole archive. */
const MAX_CAR_BYTES = 1024 ** 3;
const MAX_CAR_BLOCKS = 100_000;

export type ReadBlock = (cid: CID) => Promise<Uint8Array>;

/** Bytes of a CARv1 with one root, blocks depth first and each once. The first block is read before this resolves. */
export async function openCar(
  request: Pick<IpfsRequest, 'root' | 'path' | 'scope'>,
  readBlock: ReadBlock,
): Promise<AsyncIterable<Uint8Array>> {
  const first = await readBlock(request.root);
  const { writer, out } = CarWriter.create([request.root]);
  const fill = async () => {
    let bytes = 0;
    let blocks = 0;
    for await (const block of dagBlocks(request, first, readBlock)) {
      bytes += block.bytes.byteLength;
      blocks += 1;
      if (bytes > MAX_CAR_BYTES || blocks > MAX_CAR_BLOCKS) {
        throw new HeliographError('too-large', `the DAG passes ${MAX_CAR_BYTES} bytes`);
      }
      await writer.put(block);
    }
    await writer.close();
  };
  return whileFilling(out, fill);
}

/** Passes on what is written and fails when the writing does. */
async function* whileFilling(out: AsyncIterable<Uint8Array>, fill: () => Promise<void>) {
  const iterator = out[Symbol.asyncIterator]();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  fill().catch(failed.reject);
  for (;;) {
    const next = await Promise.race([iterator.next(), failed.promise]);
    if (next.done) return;
    yield next.value;
  }
}

interface Block {
  cid: CID;
  bytes: Uint8Array;
}

async function* dagBlocks(
  { root, path, scope }: Pick<IpfsRequest, 'root' | 'path' | 'scope'>,
  first: Uint8Array,
  readBlock: ReadBlock,
): AsyncGenerator<Block> {
  let block: Block = { cid: root, bytes: first };
  const seen = new Set([root.toString()]);
  yield block;
  for (const name of path) {
    const child = childNamed(block, name);
    if (child === undefined) throw new HeliographError('not-found', `there is no "${name}" in ${block.cid}`);
    block = { cid: child, bytes: await readBlock(child) };
    if (!seen.has(child.toString())) yield block;
    seen.add(child.toString());
  }
  if (scope === 'block' || (scope === 'entity' && !isFile(block))) return;
  const waiting = linksOf(block).reverse();
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    if (seen.has(cid.toString())) continue;
    seen.add(cid.toString());
    const next = { cid, bytes: await readBlock(cid) };
    yield next;
    waiting.push(...linksOf(next).reverse());
  }
}

function childNamed({ cid, bytes }: Block, name: string): CID | undefined {
  if (cid.code !== DAG_PB) return undefined;
  return decodePb(bytes).Links.find((link) => link.Name === name)?.Hash;
}

function isFile({ cid, bytes }: Block): boolean {
  return cid.code === DAG_PB && unixFsType(decodePb(bytes)) === 'file';
}

function unixFsType(node: PBNode): string | undefined {
  try {
    return node.Data && UnixFS.unmarshal(node.Data).type;
  } catch {
    return undefined;
  }
}

function linksOf({ cid, bytes }: Block): CID[] {
  if (cid.code === DAG_PB) return decodePb(bytes).Links.map((link) => link.Hash);
  return cid.code === DAG_CBOR ? cidsIn(decodeCbor(bytes)) : [];
}

function cidsIn(value: unknown): CID[] {
  const cid = CID.asCID(value);
  if (cid !== null) return [cid];
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(cidsIn);
}
