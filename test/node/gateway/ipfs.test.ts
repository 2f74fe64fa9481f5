import { get as httpGet } from 'node:http';
import { CarReader } from '@ipld/car';
import { base58btc } from 'multiformats/bases/base58';
import { CID } from 'multiformats/cid';
import * as digest from 'multiformats/hashes/digest';
import { identity } from 'multiformats/hashes/identity';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeliographError } from '../../../node/errors.ts';
import { problemView } from '../../../protocol/api.ts';
import { blockMatches, cidOf, RAW } from '../../../protocol/cid.ts';
import { segmentMatches } from '../../../protocol/segment.ts';
import { createPublisher, type Film, type LiveGateway, startLiveGateway } from './live-gateway.ts';

const sha256 = async (bytes: Uint8Array) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes)));
const unknownCid = cidOf(RAW, new Uint8Array(32).fill(7));

let live: LiveGateway;
let film: Film;

beforeAll(async () => {
  live = await startLiveGateway();
  const publisher = createPublisher(live);
  await publisher.announce();
  film = await publisher.publishFilm();
});
afterAll(() => live.stop());

const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());

describe('/ipfs/{cid}', () => {
  test.each(['long', 'short', 'sound', 'poster'] as const)(
    'gives the bytes of %s, cold and hot',
    async (name) => {
      const ref = film.refs[name];
      for (let i = 0; i < 3; i++) {
        const response = await live.get(`/ipfs/${ref.cid}`);
        const bytes = await bytesOf(response);
        expect(response.status).toBe(200);
        expect(await segmentMatches(bytes, ref, sha256)).toBe(true);
        expect(response.headers.get('etag')).toBe(`"${ref.cid}"`);
        expect(response.headers.get('cache-control')).toContain('immutable');
        expect(response.headers.get('access-control-allow-origin')).toBe('*');
        expect(response.headers.get('access-control-expose-headers')).toContain('Content-Range');
        expect(response.headers.get('content-length')).toBe(String(ref.size));
        expect(response.headers.get('x-ipfs-roots')).toBe(String(ref.cid));
        expect(response.headers.get('x-content-type-options')).toBe('nosniff');
        expect(response.headers.get('content-security-policy')).toContain('sandbox');
      }
    },
  );

  test('gives one range', async () => {
    for (const [name, start, end] of [
      ['long', 1_048_000, 1_049_000],
      ['short', 10, 20],
    ] as const) {
      const response = await live.get(`/ipfs/${film.refs[name].cid}`, {
        headers: { range: `bytes=${start}-${end}` },
      });
      expect(response.status).toBe(206);
      expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/${film.refs[name].size}`);
      expect(Buffer.from(await bytesOf(response)).equals(film.bytes[name].subarray(start, end + 1))).toBe(
        true,
      );
    }
  });

  test('a range outside is 416 with the size', async () => {
    const { cid, size } = film.refs.short;
    const response = await live.get(`/ipfs/${cid}`, { headers: { range: `bytes=${size}-` } });
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe(`bytes */${size}`);
    expect(problemView.parse(await response.json()).status).toBe(416);
  });

  test('If-Range decides between a part and the whole', async () => {
    const { cid } = film.refs.short;
    const ask = async (tag: string) =>
      (await live.get(`/ipfs/${cid}`, { headers: { range: 'bytes=0-9', 'if-range': tag } })).status;
    expect(await ask(`"${cid}"`)).toBe(206);
    expect(await ask('"another"')).toBe(200);
  });

  test('what a client has is not sent again', async () => {
    const { cid } = film.refs.short;
    for (const tag of [`"${cid}"`, `W/"${cid}"`, '*', `"x", "${cid}"`]) {
      const response = await live.get(`/ipfs/${cid}`, { headers: { 'if-none-match': tag } });
      expect(response.status).toBe(304);
      expect((await bytesOf(response)).byteLength).toBe(0);
    }
    expect((await live.get(`/ipfs/${cid}`, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  test('HEAD tells what GET would', async () => {
    const response = await live.get(`/ipfs/${film.refs.long.cid}`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe(String(film.refs.long.size));
    expect((await bytesOf(response)).byteLength).toBe(0);
  });

  test('a CID in another spelling is the same bytes', async () => {
    const other = film.refs.short.cid.toString(base58btc);
    const response = await live.get(`/ipfs/${other}`);
    expect(response.headers.get('etag')).toBe(`"${film.refs.short.cid}"`);
  });

  test('a CID that carries its own bytes is answered from itself', async () => {
    const cid = CID.createV1(RAW, identity.digest(Buffer.from('hello')));
    expect(await (await live.get(`/ipfs/${cid}`)).text()).toBe('hello');
  });

  test('an unknown CID is 404 at once', async () => {
    const began = performance.now();
    const response = await live.get(`/ipfs/${unknownCid}`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problemView.parse(await response.json()).code).toBe('not-found');
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  test.each([
    'notacid',
    `${'b'.repeat(200)}`,
    'bafy',
    String(CID.createV1(RAW, digest.create(0x1b, new Uint8Array(32)))),
    String(CID.createV1(RAW, digest.create(0x12, new Uint8Array(20)))),
    String(CID.createV1(0x78, digest.create(0x12, new Uint8Array(32)))),
    `${unknownCid}/%ff`,
    `${unknownCid}/%2e%2e/x`,
    `${unknownCid}/a%2fb`,
    `${unknownCid}?format=tar`,
    `${unknownCid}?format=car&dag-scope=some`,
  ])('refuses %s', async (path) => {
    const response = await live.get(`/ipfs/${path}`);
    expect(response.status).toBe(400);
    expect(problemView.parse(await response.json()).code).toBe('bad-request');
  });
});

describe('formats', () => {
  test('format=raw gives one block that hashes to its CID', async () => {
    for (const cid of [film.manifestCid, film.refs.long.cid, film.refs.short.cid]) {
      for (const init of [undefined, { headers: { accept: 'application/vnd.ipld.raw' } }]) {
        const response = await live.get(`/ipfs/${cid}${init ? '' : '?format=raw'}`, init);
        expect(response.headers.get('content-type')).toBe('application/vnd.ipld.raw');
        expect(response.headers.get('etag')).toBe(`"${cid}.raw"`);
        expect(await blockMatches(cid, await bytesOf(response), sha256)).toBe(true);
      }
    }
  });

  test('the file and its root block, both hot, are not taken for each other', async () => {
    const { cid, size } = film.refs.long;
    const lengths = [];
    for (const query of ['', '?format=raw', '', '?format=raw']) {
      lengths.push((await bytesOf(await live.get(`/ipfs/${cid}${query}`))).byteLength);
    }
    expect([lengths[0], lengths[2]]).toEqual([size, size]);
    expect(lengths[1]).toBeLessThan(1_000);
    expect(lengths[3]).toBe(lengths[1]);
  });

  test.each([
    ['block', 1],
    ['entity', 3],
    ['all', 3],
  ])('format=car with dag-scope=%s', async (scope, blocks) => {
    const response = await live.get(`/ipfs/${film.refs.long.cid}?format=car&dag-scope=${scope}`);
    expect(response.headers.get('content-type')).toContain('application/vnd.ipld.car');
    const car = await CarReader.fromBytes(await bytesOf(response));
    expect((await car.getRoots()).map(String)).toEqual([String(film.refs.long.cid)]);
    let count = 0;
    for await (const { cid, bytes } of car.blocks()) {
      expect(await blockMatches(cid, bytes, sha256)).toBe(true);
      count += 1;
    }
    expect(count).toBe(blocks);
  });

  test('a CAR of a path proves the way to it', async () => {
    const response = await live.get(`/ipfs/${film.folder}/v720/init.mp4?format=car`);
    const car = await CarReader.fromBytes(await bytesOf(response));
    const cids = [];
    for await (const cid of car.cids()) cids.push(String(cid));
    expect(cids[0]).toBe(String(film.folder));
    expect(cids.at(-1)).toBe(String(film.refs.init.cid));
    expect(cids).toHaveLength(3);
  });

  test('a CAR of a manifest brings the whole item', async () => {
    const response = await live.get(`/ipfs/${film.manifestCid}?format=car`);
    const car = await CarReader.fromBytes(await bytesOf(response));
    expect(await car.has(film.refs.sound.cid)).toBe(true);
    expect(await car.has(film.refs.picture.cid)).toBe(true);
  });

  test('a CAR of what is not here, or of no such path, is 404', async () => {
    expect((await live.get(`/ipfs/${unknownCid}?format=car`)).status).toBe(404);
    expect((await live.get(`/ipfs/${film.folder}/nothing?format=car`)).status).toBe(404);
  });
});

describe('paths and names', () => {
  test('a path leads to a file, whose name says its type', async () => {
    const response = await live.get(`/ipfs/${film.folder}/v720/00001.m4s`);
    expect(response.headers.get('content-type')).toBe('video/mp4');
    expect(response.headers.get('etag')).toBe(`"${film.refs.long.cid}"`);
    expect(response.headers.get('x-ipfs-path')).toBe(`/ipfs/${film.folder}/v720/00001.m4s`);
    expect(response.headers.get('x-ipfs-roots')).toBe(`${film.folder},${film.refs.long.cid}`);
    expect(Buffer.from(await bytesOf(response)).equals(film.bytes.long)).toBe(true);
  });

  test('folders, and what is not in them, are 404', async () => {
    expect((await live.get(`/ipfs/${film.folder}`)).status).toBe(404);
    expect((await live.get(`/ipfs/${film.folder}/v720`)).status).toBe(404);
    expect((await live.get(`/ipfs/${film.folder}/v720/nothing.m4s`)).status).toBe(404);
  });

  test('filename gives the type and the name to save under, however odd', async () => {
    const ask = (name: string) =>
      live.get(`/ipfs/${film.refs.short.cid}?filename=${encodeURIComponent(name)}`);
    const plain = await ask('clip.mp4');
    expect(plain.headers.get('content-type')).toBe('video/mp4');
    expect(plain.headers.get('content-disposition')).toContain('filename="clip.mp4"');
    for (const name of ['a"\r\nb: c.html', 'привет.txt', '\u{1f30d}.txt', '__proto__', 'x.constructor']) {
      const response = await ask(name);
      expect(response.status).toBe(200);
      expect(response.headers.get('b')).toBeNull();
      expect(response.headers.get('content-security-policy')).toContain('sandbox');
    }
  });

  test('without a name, pictures are told by their first bytes and the rest is bytes', async () => {
    const type = async (cid: CID) => (await live.get(`/ipfs/${cid}`)).headers.get('content-type');
    expect(await type(film.refs.poster.cid)).toBe('image/jpeg');
    expect(await type(film.refs.short.cid)).toBe('application/octet-stream');
  });
});

describe('the network', () => {
  test('is asked only for what the catalogue names, and only so long', async () => {
    const asked: string[] = [];
    const named = cidOf(RAW, new Uint8Array(32).fill(9));
    const other = await startLiveGateway({
      wrapContent: (content) => ({
        ...content,
        getBlock(cid, options) {
          if (!options?.fetch) return content.getBlock(cid, options);
          asked.push(String(cid));
          return new Promise<never>(() => {});
        },
      }),
    });
    try {
      const publisher = createPublisher(other);
      await publisher.announce();
      await publisher.announceItem({ poster: named });
      expect((await other.get(`/ipfs/${unknownCid}`)).status).toBe(404);
      const began = performance.now();
      const late = await other.get(`/ipfs/${named}`);
      expect(late.status).toBe(504);
      expect(problemView.parse(await late.json()).code).toBe('timeout');
      expect(performance.now() - began).toBeLessThan(3_000);
      expect(asked).toEqual([String(named)]);
    } finally {
      await other.stop();
    }
  });

  test('gives what it brings in time', async () => {
    const brought = cidOf(RAW, await sha256(Buffer.from('from afar')));
    const other = await startLiveGateway({
      wrapContent: (content) => ({
        ...content,
        getBlock: (cid, options) =>
          options?.fetch && cid.equals(brought)
            ? Promise.resolve(Buffer.from('from afar'))
            : content.getBlock(cid, options),
      }),
    });
    try {
      const publisher = createPublisher(other);
      await publisher.announce();
      await publisher.announceItem({ poster: brought });
      expect(await (await other.get(`/ipfs/${brought}`)).text()).toBe('from afar');
    } finally {
      await other.stop();
    }
  });

  test('a fault of the store is told without its words', async () => {
    const other = await startLiveGateway({
      wrapContent: (content) => ({
        ...content,
        getBlock: () => Promise.reject(new HeliographError('unreadable', '/home/secret/blocks is gone')),
        stat: () => Promise.reject(new Error('/home/secret')),
      }),
    });
    try {
      const first = await other.get(`/ipfs/${unknownCid}`);
      expect(first.status).toBe(422);
      expect(await first.text()).not.toContain('secret');
      const second = await other.get(`/ipfs/${film.refs.long.cid}`);
      expect(second.status).toBe(500);
      expect(await second.text()).not.toContain('secret');
    } finally {
      await other.stop();
    }
  });
});

test('a file longer than is read whole is streamed, in ranges too', async () => {
  const bytes = Buffer.alloc(20 * 1024 * 1024, 'heliograph');
  const { cid } = await live.content.addBytes(bytes);
  expect(Buffer.from(await bytesOf(await live.get(`/ipfs/${cid}`))).equals(bytes)).toBe(true);
  const part = await live.get(`/ipfs/${cid}`, { headers: { range: 'bytes=9000000-12345678' } });
  expect(part.headers.get('content-length')).toBe('3345679');
  expect(Buffer.from(await bytesOf(part)).equals(bytes.subarray(9_000_000, 12_345_679))).toBe(true);
  // A viewer who leaves in the middle takes nothing down.
  await new Promise<void>((resolve, reject) => {
    const request = httpGet(`${live.gateway.url()}/ipfs/${cid}`, (response) => {
      response.once('data', () => {
        request.destroy();
        resolve();
      });
    });
    request.on('error', reject);
  });
  expect((await live.get(`/ipfs/${film.refs.short.cid}`)).status).toBe(200);
});
