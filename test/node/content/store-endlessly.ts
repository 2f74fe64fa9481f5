/** A process to be killed: stores blocks without end and prints the CID of each that is on the disk. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { LevelDatastore } from 'datastore-level';
import { createContent } from '../../../node/content/create-content.ts';
import { createLog } from '../../../node/log.ts';

const dataDir = process.argv[2] ?? '';
const datastore = new LevelDatastore(join(dataDir, 'content-db'));
await datastore.open();
const log = createLog('silent');
const content = createContent({ dataDir, libp2p: null, datastore, reserveBytes: 0, log });
await content.start();
for (;;) {
  const refs = await Promise.all(Array.from({ length: 8 }, () => content.addBytes(randomBytes(300_000))));
  await content.sync();
  for (const { cid } of refs) console.log(String(cid));
}
