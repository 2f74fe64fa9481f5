import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderMaster, renderMedia } from '../../../protocol/playlist.ts';
import { createPublisher, type Film, type LiveGateway, startLiveGateway } from './live-gateway.ts';

let live: LiveGateway;
let film: Film;

beforeAll(async () => {
  live = await startLiveGateway();
  const publisher = createPublisher(live);
  await publisher.announce();
  film = await publisher.publishFilm();
});
afterAll(() => live.stop());

const hls = (path: string, init?: RequestInit) => live.get(`/hls/items/${film.item}/${path}`, init);

describe('/hls/items/{id}', () => {
  test('the playlists are those of protocol/playlist.ts, tagged', async () => {
    const master = await hls('master.m3u8');
    expect(master.headers.get('content-type')).toBe('application/vnd.apple.mpegurl');
    expect(master.headers.get('access-control-allow-origin')).toBe('*');
    expect(await master.text()).toBe(renderMaster(film.manifest));
    const item = live.catalogue.item(film.item);
    const [rendition] = film.manifest.renditions;
    if (!item || !rendition) throw new Error('the film is not there');
    const signal = AbortSignal.timeout(1_000);
    const list = await live.manifests.list(item, 'v720', { signal, fetch: false });
    const media = await hls('v720/index.m3u8');
    expect(await media.text()).toBe(renderMedia(rendition, list));
    const tag = media.headers.get('etag') ?? '';
    expect((await hls('v720/index.m3u8', { headers: { 'if-none-match': tag } })).status).toBe(304);
    expect(tag).not.toBe(master.headers.get('etag'));
  });

  test.each([
    ['v720/init.mp4', 'init', 'video/mp4'],
    ['v720/00001.m4s', 'long', 'video/mp4'],
    ['v720/00002.m4s', 'short', 'video/mp4'],
    ['a-en/init.mp4', 'init', 'audio/mp4'],
    ['a-en/00002.m4s', 'sound', 'audio/mp4'],
    ['s-en/00001.vtt', 'subtitle', 'text/vtt; charset=utf-8'],
    ['poster.jpg', 'poster', 'image/jpeg'],
    ['storyboard.vtt', 'storyboard', 'text/vtt; charset=utf-8'],
    ['storyboard-001.jpg', 'picture', 'image/jpeg'],
  ] as const)('%s is the bytes that the list names, by CID', async (path, name, type) => {
    const response = await hls(path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe(type);
    expect(response.headers.get('etag')).toBe(`"${film.refs[name].cid}"`);
    expect(response.headers.get('cache-control')).toContain('immutable');
    expect(Buffer.from(await response.arrayBuffer()).equals(film.bytes[name])).toBe(true);
  });

  test('a segment can be asked for in part', async () => {
    const response = await hls('v720/00001.m4s', { headers: { range: 'bytes=100-199' } });
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer()).equals(film.bytes.long.subarray(100, 200))).toBe(true);
  });

  test.each([
    'v720/00003.m4s',
    'v720/00000.m4s',
    'v720/00001.vtt',
    's-en/init.mp4',
    'v1080/index.m3u8',
    'x',
    'v720/',
    '../x',
    '%2e%2e/x',
  ])('there is no %s', async (path) => {
    const response = await hls(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('an unknown item is 404; one whose manifest is nowhere is no hang', async () => {
    expect((await live.get('/hls/items/bnothing/master.m3u8')).status).toBe(404);
    const publisher = createPublisher(live);
    await publisher.announce();
    const item = await publisher.announceItem();
    const response = await live.get(`/hls/items/${item}/master.m3u8`);
    expect([404, 504]).toContain(response.status);
  });
});
