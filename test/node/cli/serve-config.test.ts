/** The configuration of `serve`: the file, flags over it, and what is refused by name. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { layFlagsOver, readConfigFile } from '../../../node/cli/serve-config.ts';
import { parseConfig } from '../../../node/config.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

test('flags beat the file, which keeps what they leave open', () => {
  const file = {
    data: '/a',
    gateway: { port: 1, cacheMb: 5 },
    network: { listen: ['/x'], mdns: false },
    log: 'info',
  };
  const flags = { data: '/b', gateway: { port: 2 }, studio: { host: '::1', port: 3 }, bootstrap: ['/y'] };
  const config = parseConfig(layFlagsOver(file, flags));
  expect(config.data).toBe('/b');
  expect(config.gateway).toMatchObject({ host: '0.0.0.0', port: 2, cacheMb: 5 });
  expect(config.studio).toMatchObject({ host: '::1', port: 3 });
  expect(config.network).toMatchObject({ listen: ['/x'], bootstrap: ['/y'], mdns: false });
  expect(config.log).toBe('info');
});

test('nothing given is the default of everything', () => {
  expect(parseConfig(layFlagsOver({}, {}))).toEqual(parseConfig({}));
});

test('a wrong section is refused by name, not papered over by a flag', () => {
  expect(() => parseConfig(layFlagsOver({ gateway: 8080 }, { gateway: { port: 1 } }))).toThrow('"gateway"');
  expect(() => parseConfig(layFlagsOver({ gatway: {} }, {}))).toThrow('unknown key "gatway"');
});

test.each([
  ['{"log": }', 'is not JSON'],
  ['[1]', 'must hold one JSON object'],
  ['null', 'must hold one JSON object'],
])('the file %s is refused', async (text, reason) => {
  const file = join(dir, 'config.json');
  await writeFile(file, text);
  await expect(readConfigFile(file)).rejects.toMatchObject({
    code: 'bad-config',
    message: expect.stringContaining(`${file} ${reason}`),
  });
});

test('a file that is not there is said to be missing', async () => {
  await expect(readConfigFile(join(dir, 'none.json'))).rejects.toThrow('none.json: no such file');
});
