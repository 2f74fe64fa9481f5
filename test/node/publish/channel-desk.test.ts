import { Level } from 'level';
import { expect, it } from 'vitest';
import { createCatalogue } from '../../../node/catalogue/catalogue.ts';
import { openKeystore } from '../../../node/network/keystore.ts';
import { createChannelDesk } from '../../../node/publish/channel-desk.ts';
import { cborCid } from '../../../protocol/cid.ts';
import { atEnd, quiet, tempDir } from '../content/open-content.ts';

async function openDesk() {
  const db = new Level<string, unknown>(await tempDir(), { valueEncoding: 'json' });
  const catalogue = createCatalogue({ db, log: quiet });
  await catalogue.start();
  atEnd(async () => {
    await catalogue.stop();
    await db.close();
  });
  const desk = createChannelDesk({
    keystore: await openKeystore(await tempDir(), quiet),
    catalogue,
    announce: async (signed) => {
      const acceptance = await catalogue.accept(signed, { from: 'this node', own: true });
      if (acceptance.outcome === 'refused') throw new Error(acceptance.refusal.code);
    },
  });
  return {
    desk,
    catalogue,
    id: await desk.create({ name: 'One', description: '', language: null, categories: [] }),
  };
}

it('makes changes that come at once one after the other', async () => {
  const { desk, catalogue, id } = await openDesk();
  const library = cborCid(Uint8Array.of(1));
  await Promise.all([
    desk.edit(id, { name: 'Two' }),
    desk.setLibrary(id, library),
    desk.edit(id, { description: 'Three' }),
    ...Array.from({ length: 5 }, (_, n) => desk.edit(id, { categories: [`c${n}`] })),
  ]);
  const record = catalogue.channel(id)?.record;
  expect(record).toMatchObject({ seq: 8, name: 'Two', description: 'Three', categories: ['c4'] });
  expect(record?.library?.equals(library)).toBe(true);
  expect(catalogue.flagged(id)).toBe(false);
});

it('deletes for good, and changes nothing of a channel whose key is elsewhere', async () => {
  const { desk, catalogue, id } = await openDesk();
  await desk.remove(id);
  expect(catalogue.channel(id)).toBeUndefined();
  await expect(desk.edit(id, { name: 'Again' })).rejects.toMatchObject({ code: 'not-found' });
  const other = await openDesk();
  await expect(desk.edit(other.id, { name: 'Mine' })).rejects.toMatchObject({ code: 'forbidden' });
});
