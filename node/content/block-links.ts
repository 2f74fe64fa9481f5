/** What a block links to: the shape of everything that is pinned, walked and collected. */
import { decode as decodeDagCbor } from '@ipld/dag-cbor';
import { decode as decodeDagPb } from '@ipld/dag-pb';
import { CID } from 'multiformats/cid';
import { DAG_CBOR, DAG_PB } from '../../protocol/cid.ts';

const IDENTITY = 0x00;

/** CIDs in a DAG-PB or DAG-CBOR block, in order; none in raw blocks, in other codecs and in what does not parse. */
export function blockLinks(cid: CID, block: Uint8Array): CID[] {
  try {
    if (cid.code === DAG_PB)
      return decodeDagPb(block)
        .Links.map((link) => link.Hash)
        .filter(isStored);
    if (cid.code === DAG_CBOR) return linksIn(decodeDagCbor(block)).filter(isStored);
  } catch {
    // Its hash is right, so it is what its author made; it just holds no links that anyone can follow.
  }
  return [];
}

/** An identity CID carries its bytes in itself. */
function isStored(cid: CID): boolean {
  return cid.multihash.code !== IDENTITY;
}

function linksIn(root: unknown): CID[] {
  const links: CID[] = [];
  const open: unknown[] = [root];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    const cid = CID.asCID(value);
    if (cid !== null) links.push(cid);
    else for (const inner of Object.values(value)) open.push(inner);
  }
  return links.reverse();
}
