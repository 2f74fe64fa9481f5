import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pageOf } from '../../../node/gateway/paging.ts';
import {
  channelsView,
  channelView,
  healthView,
  itemsView,
  itemView,
  problemView,
  recordsView,
  searchView,
} from '../../../protocol/api.ts';
import { isRecordType, verifyRecord } from '../../../protocol/verified.ts';
import { createPublisher, type Film, type LiveGateway, startLiveGateway } from './live-gateway.ts';

let live: LiveGateway;
let publisher: ReturnType<typeof createPublisher>;
let film: Film;

beforeAll(async () => {
  live = await startLiveGateway({
    health: () => ({ status: 'ok', version: '1.2.3', reason: null }),
  });
  publisher = createPublisher(live);
  await publisher.announce({ name: 'Télé Soleil' });
  film = await publisher.publishFilm();
});
afterAll(() => live.stop());

const json = async (path: string) => (await live.get(path)).json();

describe('the catalogue', () => {
  test('channels and items have their shapes', async () => {
    const { channels } = channelsView.parse(await json('/api/v1/channels'));
    expect(channels).toHaveLength(1);
    expect(channelView.parse(await json(`/api/v1/channels/${publisher.id}`))).toEqual(channels[0]);
    expect(channels[0]).toMatchObject({ name: 'Télé Soleil', items: 1, onAir: null, flagged: false });
    const { items, next } = itemsView.parse(await json(`/api/v1/channels/${publisher.id}/items`));
    expect(next).toBeNull();
    expect(items[0]).toMatchObject({ id: film.item, manifest: String(film.manifestCid), duration: 4 });
    expect(items[0]?.renditions?.map(({ id }) => id)).toEqual(['v720', 'a-en', 's-en']);
    const item = itemView.parse(await json(`/api/v1/items/${film.item}`));
    expect(item).toEqual(items[0]);
    expect((await live.get(item.poster ?? '')).headers.get('content-type')).toBe('image/jpeg');
  });

  test('records verify, all of a channel or one item’s', async () => {
    for (const query of ['', `?item=${film.item}`]) {
      const { records } = recordsView.parse(await json(`/api/v1/records/${publisher.id}${query}`));
      const verdicts = records.map((text) => verifyRecord(Buffer.from(text, 'base64'), { now: Date.now() }));
      expect(verdicts.every(({ ok }) => ok)).toBe(true);
      expect(verdicts.some((verdict) => verdict.ok && isRecordType(verdict.value, 'item'))).toBe(true);
    }
  });

  test('search finds words in any case, without accents', async () => {
    const search = async (q: string) =>
      searchView.parse(await json(`/api/v1/search?q=${encodeURIComponent(q)}`));
    expect((await search('TELE sol')).channels).toHaveLength(1);
    expect((await search('film')).items.map(({ id }) => id)).toEqual([film.item]);
    expect((await search('nowhere')).items).toEqual([]);
  });

  test.each([
    '/api/v1/search',
    '/api/v1/search?q=',
    '/api/v1/channels?limit=0',
    '/api/v1/channels?limit=x',
    '/api/v1/channels?cursor=%00',
  ])('%s is a bad request that says why', async (path) => {
    const response = await live.get(path);
    expect(response.status).toBe(400);
    expect(problemView.parse(await response.json()).detail).toMatch(/"(q|limit|cursor)"/);
  });

  test.each([
    '/api/v1/channels/none',
    '/api/v1/items/none',
    '/api/v1/records/none',
    '/api/v1/nothing',
    '/api/',
  ])('%s is a 404 problem', async (path) => {
    const response = await live.get(path);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(problemView.parse(await response.json()).code).toBe('not-found');
  });

  test('many items come in pages', async () => {
    const busy = createPublisher(live);
    await busy.announce();
    const made = [];
    for (let i = 0; i < 25; i++) made.push(await busy.announceItem({ title: `Part ${i}` }));
    const met: string[] = [];
    let path: string | null = `/api/v1/channels/${busy.id}/items?limit=10`;
    while (path) {
      const page = itemsView.parse(await json(path));
      expect(page.items.length).toBeLessThanOrEqual(10);
      met.push(...page.items.map(({ id }) => id));
      path = page.next && `/api/v1/channels/${busy.id}/items?limit=10&cursor=${page.next}`;
    }
    expect(met.toSorted()).toEqual(made.toSorted());
  });
});

test('a cursor holds while the list changes under it', () => {
  const id = (entry: string) => entry;
  const first = pageOf(['e', 'd', 'c', 'b', 'a'], id, { limit: 2 });
  const rest = { limit: 9, cursor: first.next ?? '' };
  expect(pageOf(['g', 'f', 'e', 'd', 'c', 'b', 'a'], id, rest).entries).toEqual(['c', 'b', 'a']);
  expect(pageOf(['e', 'c', 'b', 'a'], id, rest).entries).toEqual(['c', 'b', 'a']);
  expect(pageOf([], id, rest)).toEqual({ entries: [], next: null });
});

test('/health says when the node does not serve', async () => {
  expect(healthView.parse(await json('/health')).status).toBe('ok');
  const failing = await startLiveGateway({
    health: () => ({ status: 'failing', version: '1.2.3', reason: 'the disk is full' }),
  });
  try {
    const response = await failing.get('/health');
    expect(response.status).toBe(503);
    expect(healthView.parse(await response.json()).reason).toBe('the disk is full');
  } finally {
    await failing.stop();
  }
});

test('/api/v1/events tells what comes in', async () => {
  const closed = new AbortController();
  const response = await live.get('/api/v1/events', { signal: closed.signal });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const newcomer = createPublisher(live);
  await newcomer.announce();
  let text = '';
  while (!text.includes(newcomer.id)) text += (await reader?.read())?.value ?? '';
  expect(text).toContain(`event: channel\ndata: {"id":"${newcomer.id}"}\n\n`);
  closed.abort();
});
