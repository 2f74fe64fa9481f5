import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDataDirectory } from '../../../node/data/data-directory.ts';

let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'heliograph-data-'));
});
afterEach(() => rm(parent, { recursive: true }));

it('is opened by one node at a time', async () => {
  const path = join(parent, 'new', 'data');
  const first = await openDataDirectory(path);
  await expect(openDataDirectory(path)).rejects.toMatchObject({
    code: 'data-dir-in-use',
    message: expect.stringContaining(path),
  });
  await first.close();
  await (await openDataDirectory(path)).close();
});

it('refuses a format it does not know, and leaves the directory closed', async () => {
  await (await openDataDirectory(parent)).close();
  await writeFile(join(parent, 'format'), '99\n');
  await expect(openDataDirectory(parent)).rejects.toMatchObject({ code: 'data-dir-format' });
  await writeFile(join(parent, 'format'), '1\n');
  await (await openDataDirectory(parent)).close();
});

it('says where it cannot write', async () => {
  await writeFile(join(parent, 'file'), '');
  await expect(openDataDirectory(join(parent, 'file', 'data'))).rejects.toMatchObject({ code: 'unreadable' });
});

it('keeps the studio’s token for its owner, and takes it back when it closes', async () => {
  const data = await openDataDirectory(parent);
  await data.tellStudio({
    pid: 1,
    url: 'http://127.0.0.1:1',
    token: 'secret',
    gateway: 'http://127.0.0.1:2',
  });
  const file = join(parent, 'studio.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ token: 'secret' });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await data.close();
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' });
});
