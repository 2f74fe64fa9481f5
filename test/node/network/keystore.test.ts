import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openKeystore } from '../../../node/network/keystore.ts';
import { channelId } from '../../../protocol/channel-id.ts';
import { quiet } from './live-hosts.ts';

let folder: string;
let keys: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heliograph-keys-'));
  keys = join(folder, 'keys');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('the node key is made once, and is the same key for libp2p', async () => {
  const first = (await openKeystore(keys, quiet)).nodeKey();
  const again = (await openKeystore(keys, quiet)).nodeKey();
  expect(again.secret).toEqual(first.secret);
  expect(first.secret.byteLength).toBe(32);
  expect(first.privateKey.publicKey.raw).toEqual(ed25519.getPublicKey(first.secret));
});

test('channel keys are created, kept, imported once and removed for good', async () => {
  const store = await openKeystore(keys, quiet);
  const { id, secret } = await store.create();
  expect(id).toBe(channelId(ed25519.getPublicKey(secret)));
  const imported = new Uint8Array(32).fill(7);
  const other = await store.importSecret(imported);
  expect(await store.importSecret(imported)).toBe(other);

  const reopened = await openKeystore(keys, quiet);
  expect(reopened.channels().toSorted()).toEqual([id, other].toSorted());
  expect(reopened.secret(id)).toEqual(secret);
  await reopened.remove(id);
  expect(reopened.secret(id)).toBeNull();
  expect((await openKeystore(keys, quiet)).channels()).toEqual([other]);
  await expect(reopened.remove(id)).rejects.toMatchObject({ code: 'not-found' });
});

test('a secret handed out is a copy', async () => {
  const store = await openKeystore(keys, quiet);
  const { id, secret } = await store.create();
  const kept = secret.slice();
  secret.fill(0);
  store.secret(id)?.fill(0);
  expect(store.secret(id)).toEqual(kept);
});

test('a secret of another length is refused', async () => {
  const store = await openKeystore(keys, quiet);
  await expect(store.importSecret(new Uint8Array(64))).rejects.toMatchObject({ code: 'bad-request' });
});

test('only the owner may read the keys, whatever the umask', async () => {
  const before = process.umask(0);
  try {
    const { id } = await (await openKeystore(keys, quiet)).create();
    expect(await mode(keys)).toBe('700');
    expect(await mode(join(keys, 'channels'))).toBe('700');
    expect(await mode(join(keys, 'node.key'))).toBe('600');
    expect(await mode(join(keys, 'channels', `${id}.key`))).toBe('600');
  } finally {
    process.umask(before);
  }
});

test('loose permissions are tightened, with a warning that names the path', async () => {
  const { id } = await (await openKeystore(keys, quiet)).create();
  const loose = [keys, join(keys, 'node.key'), join(keys, 'channels', `${id}.key`)];
  for (const path of loose) await chmod(path, 0o755);
  const lines: string[] = [];
  await openKeystore(keys, pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) }));
  expect(await Promise.all(loose.map(mode))).toEqual(['700', '600', '600']);
  expect(lines.map((line) => JSON.parse(line).path).toSorted()).toEqual(loose.toSorted());
});

test.each([
  ['empty', ''],
  ['not JSON', 'hello'],
  ['cut short', '{"type":"Ed25519","secret":"AAAA'],
])('a damaged node key (%s) is an error that names the file, and stays as it was', async (_case, content) => {
  await openKeystore(keys, quiet);
  const path = join(keys, 'node.key');
  await writeFile(path, content);
  await expect(openKeystore(keys, quiet)).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringContaining(path),
  });
  expect(await readFile(path, 'utf8')).toBe(content);
});

test('one changed letter of a secret is noticed, not taken for another key', async () => {
  const { id } = await (await openKeystore(keys, quiet)).create();
  for (const path of [join(keys, 'node.key'), join(keys, 'channels', `${id}.key`)]) {
    const good = await readFile(path, 'utf8');
    const at = good.indexOf('"secret":"') + 15;
    await writeFile(path, good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1));
    await expect(openKeystore(keys, quiet)).rejects.toMatchObject({ code: 'unreadable' });
    await writeFile(path, good);
  }
});

test('a channel key under another name is an error', async () => {
  const { id } = await (await openKeystore(keys, quiet)).create();
  const wrong = channelId(ed25519.getPublicKey(new Uint8Array(32).fill(1)));
  await rename(join(keys, 'channels', `${id}.key`), join(keys, 'channels', `${wrong}.key`));
  await expect(openKeystore(keys, quiet)).rejects.toMatchObject({ code: 'unreadable' });
});

test('what an interrupted write left behind is cleared away', async () => {
  await openKeystore(keys, quiet);
  await writeFile(join(keys, 'node.key.tmp'), 'half');
  await writeFile(join(keys, 'channels', 'k51.key.tmp'), 'half');
  await openKeystore(keys, quiet);
  expect(await readdir(keys)).toEqual(['channels', 'node.key']);
  expect(await readdir(join(keys, 'channels'))).toEqual([]);
});
