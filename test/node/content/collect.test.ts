/** Pins keep all that a root leads to; collecting takes the rest, never what is being stored. */
import type { CID } from 'multiformats/cid';
import { expect, test, vi } from 'vitest';
import type { Content } from '../../../node/content/content.ts';
import { Lease } from '../../../node/content/lease.ts';
import { encodeCanonical } from '../../../protocol/canonical.ts';
import type { FileRef } from '../../../protocol/manifest.ts';
import { blockFiles, gather, noiseBytes, openContent } from './open-content.ts';

const MIB = 1024 * 1024;

interface Item {
  root: CID;
  files: { ref: FileRef; bytes: Uint8Array }[];
}

/** A manifest over a list over files and a folder of the same files, as an item is. */
async function storeItem(content: Content, sizes: readonly number[]): Promise<Item> {
  const files = [];
  for (const size of sizes) {
    const bytes = noiseBytes(size);
    files.push({ ref: await content.addBytes(bytes), bytes });
  }
  const refs = files.map(({ ref }) => ref);
  const list = await content.addBlock(
    encodeCanonical({ v: 1, segments: refs.map((ref) => [ref.cid, ref.size]) }),
  );
  const folder = await content.addFolder(refs.map((ref, i) => ({ path: `v/${i}.m4s`, ref })));
  return { root: await content.addBlock(encodeCanonical({ renditions: [{ list }], folder })), files };
}

async function expectWhole(content: Content, item: Item): Promise<void> {
  for (const { ref, bytes } of item.files) {
    expect(Buffer.compare(await content.readFile(ref.cid), bytes)).toBe(0);
  }
}

test('a pin keeps manifest, list, folder and every leaf; unpinned, all of it goes', async () => {
  const { content, blocks } = await openContent();
  const kept = await storeItem(content, [10, 2 * MIB + 5, 1000]);
  await content.pin(kept.root);
  await content.pin(kept.root);
  const before = content.diskUsed();
  const lost = await storeItem(content, [20, MIB + 1]);
  const collected = await content.collect();
  expect(content.diskUsed()).toBe(before);
  expect(collected.bytes).toBeGreaterThan(MIB);
  await expectWhole(content, kept);
  expect(await content.hasFile(lost.files[1]?.ref.cid as CID)).toBe(false);
  expect((await gather(content.pins())).map(String)).toEqual([String(kept.root)]);
  expect(await content.isPinned(kept.root)).toBe(true);

  await content.unpin(kept.root);
  await content.collect();
  expect(content.diskUsed()).toBe(0);
  expect(await blockFiles(blocks)).toEqual([]);
});

test('two pins that share segments: the shared ones stay until the second goes', async () => {
  const { content } = await openContent();
  const one = await storeItem(content, [300]);
  const ref = one.files[0]?.ref as FileRef;
  const other = await content.addBlock(encodeCanonical({ also: ref.cid }));
  await content.pin(one.root);
  await content.pin(other);
  await content.unpin(one.root);
  await content.collect();
  await expectWhole(content, one);
  await content.unpin(other);
  await content.collect();
  expect(await content.hasBlock(ref.cid)).toBe(false);
});

test('pinning what is not wholly here is refused and leaves no pin', async () => {
  const { content } = await openContent();
  const item = await storeItem(content, [10, 20]);
  await content.helia.blockstore.delete(item.files[1]?.ref.cid as CID);
  await expect(content.pin(item.root)).rejects.toMatchObject({ code: 'not-found' });
  expect(await gather(content.pins())).toEqual([]);
});

test('pins last over a restart', async () => {
  const first = await openContent();
  const item = await storeItem(first.content, [10]);
  await first.content.pin(item.root);
  await first.close();
  const second = await openContent({ dir: first.dir });
  await second.content.collect();
  await expectWhole(second.content, item);
});

test('when a pinned list cannot be read, nothing is collected', async () => {
  const { content } = await openContent();
  const item = await storeItem(content, [10]);
  await content.pin(item.root);
  await content.helia.blockstore.delete(item.root);
  await expect(content.collect()).rejects.toMatchObject({ code: 'bad-block' });
  await expectWhole(content, item);
});

test("Helia's own collection is ours", async () => {
  const { content } = await openContent();
  const item = await storeItem(content, [10]);
  await content.pin(item.root);
  await content.helia.gc();
  await expectWhole(content, item);
});

test('many that store and pin while it is collected again and again: no block is missing', async () => {
  const { content } = await openContent();
  const shared = noiseBytes(500);
  const items: Item[] = [];
  const pinned: CID[] = [];
  let storing = true;
  const store = async (lane: number) => {
    for (let i = 0; i < 12; i++) {
      await content.hold(async () => {
        // Stored by all and pinned by few: collected and stored again many times.
        const common = await content.addBytes(shared);
        const item = await storeItem(content, [lane * 100 + i + 1, 40]);
        item.files.push({ ref: common, bytes: shared });
        const root = await content.addBlock(encodeCanonical({ item: item.root, common: common.cid }));
        await content.pin(root);
        items.push({ ...item, root });
        pinned.push(root);
      });
      if (i % 3 === 2) await content.unpin(pinned.shift() as CID);
    }
  };
  const collect = async () => {
    let removed = 0;
    while (storing) removed += (await content.collect()).blocks;
    return removed;
  };
  const collecting = collect();
  await Promise.all([0, 1, 2, 3].map(store)).finally(() => {
    storing = false;
  });
  await collecting;
  const { blocks } = await content.collect();
  expect(blocks).toBeGreaterThanOrEqual(0);
  const kept = items.filter((item) => pinned.includes(item.root));
  expect(kept.length).toBe(32);
  for (const item of kept) {
    await expectWhole(content, item);
    await content.pin(item.root);
  }
});

test('collecting waits for holds, and one held inside another does not wait for it', async () => {
  const lease = new Lease();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const holding = lease.hold(async () => {
    await gate.promise;
    await lease.hold(async () => order.push('inner'));
    order.push('outer');
  });
  const alone = lease.exclusively(async () => order.push('alone'), new AbortController().signal);
  gate.resolve();
  await Promise.all([holding, alone]);
  expect(order).toEqual(['inner', 'outer', 'alone']);
});

test('who would hold while it is collected waits until that is over', async () => {
  const lease = new Lease();
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const alone = lease.exclusively(async () => {
    await gate.promise;
    order.push('alone');
  }, new AbortController().signal);
  await Promise.resolve();
  const holding = lease.hold(async () => order.push('held'));
  gate.resolve();
  await Promise.all([alone, holding]);
  expect(order).toEqual(['alone', 'held']);
});

test('waiting to collect ends with its signal', async () => {
  const lease = new Lease();
  const gate = Promise.withResolvers<void>();
  const holding = lease.hold(() => gate.promise);
  const controller = new AbortController();
  const work = vi.fn(async () => {});
  const alone = lease.exclusively(work, controller.signal);
  controller.abort();
  await expect(alone).rejects.toMatchObject({ name: 'AbortError' });
  gate.resolve();
  await holding;
  expect(work).not.toHaveBeenCalled();
});

test('making room collects what no pin reaches, once a minute, and says when it is too little', async () => {
  const { content } = await openContent();
  const kept = await storeItem(content, [1000]);
  await content.pin(kept.root);
  await storeItem(content, [MIB]);
  const used = content.diskUsed();
  await content.makeRoom(1);
  expect(content.diskUsed()).toBe(used);

  const endless = Number.MAX_SAFE_INTEGER;
  const both = await Promise.allSettled([content.makeRoom(endless), content.makeRoom(endless)]);
  for (const one of both) expect(one).toMatchObject({ reason: { code: 'disk-full' } });
  expect(content.diskUsed()).toBeLessThan(used - MIB + 1);
  await expectWhole(content, kept);

  const again = await storeItem(content, [200]);
  await expect(content.makeRoom(endless)).rejects.toMatchObject({ code: 'disk-full' });
  await expectWhole(content, again);
});

test('waiting for room while something is held ends with its signal', async () => {
  const { content } = await openContent();
  await content.hold(async () => {
    const signal = AbortSignal.timeout(20);
    const waiting = content.makeRoom(Number.MAX_SAFE_INTEGER, { signal });
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  });
});
