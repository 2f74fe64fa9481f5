/** Blocks and files from another node over real bitswap on loopback: all of it, verified, within the signed size. */

import { truncate, writeFile } from 'node:fs/promises';
import { encode } from '@ipld/dag-pb';
import type { Libp2p } from '@libp2p/interface';
import { UnixFS } from 'ipfs-unixfs';
import type { CID } from 'multiformats/cid';
import { expect, test } from 'vitest';
import { sha256 } from '../../../node/content/sha256.ts';
import { encodeCanonical } from '../../../protocol/canonical.ts';
import { cidOf, DAG_PB, RAW } from '../../../protocol/cid.ts';
import { blockFiles, gather, noiseBytes, openContent, openHost } from './open-content.ts';

const MIB = 1024 * 1024;
const soon = () => AbortSignal.timeout(25_000);

/** Two rooms whose hosts are connected and know of each other what they speak. */
async function openPair() {
  const [hostA, hostB] = [await openHost(), await openHost()];
  const a = await openContent({ libp2p: hostA });
  const b = await openContent({ libp2p: hostB });
  await connect(hostB, hostA);
  return { a: a.content, b: b.content, hostA, hostB, blocksA: a.blocks, blocksB: b.blocks };
}

async function connect(from: Libp2p, to: Libp2p): Promise<void> {
  const known = new Promise<void>((resolve) => {
    from.addEventListener('peer:identify', ({ detail }) => detail.peerId.equals(to.peerId) && resolve());
  });
  await from.dial(to.getMultiaddrs());
  await known;
}

test('files of one block and of many come whole, from the connected node', async () => {
  const { a, b } = await openPair();
  for (const size of [0, 5000, MIB, 3 * MIB + 1]) {
    const bytes = noiseBytes(size);
    const ref = await a.addBytes(bytes);
    await b.fetchFile(ref, { signal: soon() });
    expect(await b.hasFile(ref.cid)).toBe(true);
    expect(Buffer.compare(await b.readFile(ref.cid), bytes)).toBe(0);
  }
});

test('three hundred small blocks asked for at one time all come', async () => {
  const { a, b } = await openPair();
  const cids = await Promise.all(
    Array.from({ length: 300 }, async (_, i) => (await a.addBytes(noiseBytes(i + 1))).cid),
  );
  const root = await a.addBlock(encodeCanonical(cids));
  await b.pin(root, { signal: soon(), fetch: true });
  expect((await gather(b.pins())).map(String)).toEqual([String(root)]);
  await b.collect();
  for (const cid of cids) expect(await b.hasBlock(cid)).toBe(true);
});

test('from a provider that is not yet connected, named by its address', async () => {
  const [hostA, hostB] = [await openHost(), await openHost()];
  const { content: a } = await openContent({ libp2p: hostA });
  const { content: b } = await openContent({ libp2p: hostB });
  const bytes = noiseBytes(4000);
  const { cid } = await a.addBytes(bytes);
  await expect(b.readFile(cid, { fetch: true, signal: soon() })).rejects.toMatchObject({ code: 'not-found' });
  const fetch = [hostA.getMultiaddrs().map(String)[0] as string];
  expect(Buffer.compare(await b.readFile(cid, { fetch, signal: soon() }), bytes)).toBe(0);
});

test('what nobody has is not found, at once; a cancelled and a timed-out wait say so', async () => {
  const { b, hostA } = await openPair();
  const cid = cidOf(RAW, sha256(noiseBytes(9)));
  await expect(b.getBlock(cid, { fetch: true, signal: soon() })).rejects.toMatchObject({ code: 'not-found' });
  const fetch = [String(hostA.peerId)];
  await expect(b.getBlock(cid, { fetch, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
  const late = AbortSignal.timeout(1);
  await expect(b.getBlock(cid, { fetch: silentPeer, signal: late })).rejects.toMatchObject({
    code: 'timeout',
  });
});
/** An address at which nobody answers (RFC 5737). */
const silentPeer = ['/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWPyLtnyQFUYvcrhsUGKoZnhS2YHVA8rYwLUbMjaEGRRQn'];

test('a node without the block is passed over for one that has it', async () => {
  const { b, hostA, hostB } = await openPair();
  const hostC = await openHost();
  const { content: c } = await openContent({ libp2p: hostC });
  await connect(hostB, hostC);
  const bytes = noiseBytes(2 * MIB);
  const ref = await c.addBytes(bytes);
  const providers = [hostA.peerId, hostC.peerId];
  for (const order of [providers, providers.toReversed()]) {
    await b.fetchFile(ref, { providers: order, signal: soon() });
    await b.collect();
  }
});

test('a damaged block is fetched again when asked to', async () => {
  const { a, b, blocksB } = await openPair();
  const bytes = noiseBytes(7000);
  const { cid } = await a.addBytes(bytes);
  await b.addBytes(bytes);
  await truncate((await blockFiles(blocksB))[0] as string, 100);
  expect(Buffer.compare(await b.readFile(cid, { fetch: true, signal: soon() }), bytes)).toBe(0);
  expect(await b.hasBlock(cid)).toBe(true);
});

test('a damaged block of the other node is not taken', async () => {
  const { a, b, blocksA } = await openPair();
  const { cid } = await a.addBytes(noiseBytes(7000));
  await writeFile((await blockFiles(blocksA))[0] as string, noiseBytes(7000));
  await expect(b.getBlock(cid, { fetch: true, signal: soon() })).rejects.toMatchObject({ code: 'not-found' });
});

test('a root that claims another size than the signed one costs one block', async () => {
  const { a, b } = await openPair();
  const bytes = noiseBytes(3 * MIB);
  const { cid } = await a.addBytes(bytes);
  const small = { cid, size: 2 * MIB };
  await expect(b.fetchFile(small, { signal: soon() })).rejects.toMatchObject({ code: 'bad-block' });
  expect(b.diskUsed()).toBe(0);
  const one = await a.addBytes(noiseBytes(500));
  const raw = { cid: one.cid, size: 499 };
  await expect(b.fetchFile(raw, { signal: soon() })).rejects.toMatchObject({ code: 'bad-block' });
  expect(b.diskUsed()).toBe(0);
});

test('a root whose leaves are longer than it claims is refused', async () => {
  const { a, b } = await openPair();
  const leaf = (await a.addBytes(noiseBytes(MIB))).cid;
  const last = (await a.addBytes(noiseBytes(900_000))).cid;
  const cid = await storeRoot(a, [
    [leaf, MIB],
    [last, 10],
  ]);
  const lie = { cid, size: MIB + 10 };
  await expect(b.fetchFile(lie, { signal: soon() })).rejects.toMatchObject({ code: 'bad-block' });
  await expect(b.readFile(cid, { fetch: true, signal: soon() })).rejects.toMatchObject({ code: 'bad-block' });
});

async function storeRoot(
  a: Awaited<ReturnType<typeof openPair>>['a'],
  leaves: [CID, number][],
): Promise<CID> {
  const file = new UnixFS({ type: 'file' });
  for (const [, size] of leaves) file.addBlockSize(BigInt(size));
  const Links = leaves.map(([Hash, Tsize]) => ({ Name: '', Tsize, Hash }));
  const root = encode({ Data: file.marshal(), Links });
  const cid = cidOf(DAG_PB, sha256(root));
  await a.helia.blockstore.put(cid, root);
  return cid;
}

const otherPeers = () => Array.from({ length: 12 }, () => openHost());

test('many dead and unreadable addresses do not keep a connected node waiting', async () => {
  const { a, b, hostA } = await openPair();
  const dead = (await Promise.all(otherPeers())).map((host) => `/ip4/192.0.2.1/tcp/4001/p2p/${host.peerId}`);
  const { cid } = await a.addBytes(noiseBytes(3000));
  const fetch = ['/no/such/thing', 'nobody', ...dead, `/ip4/192.0.2.1/tcp/1/p2p/${hostA.peerId}`];
  // Shorter than one node's patience: only who is asked first can answer in time.
  await b.getBlock(cid, { fetch, signal: AbortSignal.timeout(1_500) });
});

test('a dead address of a node does not hide its good one', async () => {
  const [hostA, hostB] = [await openHost(), await openHost()];
  const { content: a } = await openContent({ libp2p: hostA });
  const { content: b } = await openContent({ libp2p: hostB });
  const { cid } = await a.addBytes(noiseBytes(4000));
  const fetch = [`/ip4/127.0.0.1/tcp/1/p2p/${hostA.peerId}`, ...hostA.getMultiaddrs().map(String)];
  await b.getBlock(cid, { fetch, signal: soon() });
});

test('a pin fetches no more than its limit', async () => {
  const { a, b } = await openPair();
  const cids = [];
  for (let i = 0; i < 40; i++) cids.push((await a.addBytes(noiseBytes(10_000))).cid);
  const root = await a.addBlock(encodeCanonical(cids));
  const small = b.pin(root, { signal: soon(), fetch: true, limit: 50_000 });
  await expect(small).rejects.toMatchObject({ code: 'too-large' });
  expect(await b.isPinned(root)).toBe(false);
  expect(b.diskUsed()).toBeLessThan(250_000);
  // What came before is here: only the rest counts.
  await b.pin(root, { signal: soon(), fetch: true, limit: 410_000 });
  await b.pin(root, { signal: soon(), fetch: true, limit: 0 });
});
