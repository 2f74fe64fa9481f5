/** Real viewers on a real node: they help each other, refuse what is wrong from anyone, and play on. */
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { NodeProcess } from '../integration/node-process.ts';
import { type PublishedFilm, publishedFilm } from '../integration/published-film.ts';
import { appendedHashes, recordAppended, trueMedia } from './appended.ts';
import { launchChromium } from './chromium.ts';
import { lyingGateway } from './lying-gateway.ts';
import { counted, played, smallScreen, statsOf, watch } from './viewing.ts';

let film: PublishedFilm;
let node: NodeProcess;
let browser: Browser;
let truth: Set<string>;
let segments: Set<string>;
const contexts: BrowserContext[] = [];

async function viewer(): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: smallScreen });
  contexts.push(context);
  await recordAppended(context);
  return context;
}

beforeAll(async () => {
  film = await publishedFilm();
  node = await NodeProcess.start(film.data);
  browser = await launchChromium();
  ({ hashes: truth, segments } = await trueMedia(node.ready.gateway, film.item));
});

afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
});

afterAll(async () => {
  await browser?.close();
  await node?.kill();
  await film?.remove();
});

it('three viewers get bytes from each other, every one of them checked', async () => {
  const { gateway } = node.ready;
  const first = await watch(await viewer(), gateway, film);
  await counted(first.page, 'verifiedSegments', 8);
  const second = await watch(await viewer(), gateway, film);
  const third = await watch(await viewer(), gateway, film);
  for (const { page } of [second, third]) {
    await counted(page, 'bytesFromViewers', 1);
    await played(page, 5);
  }
  const gave = await counted(first.page, 'uploadedBytes', 1);
  expect(gave.viewers).toBeGreaterThan(0);
  for (const { page, faults } of [first, second, third]) {
    const appended = await appendedHashes(page);
    expect(appended.length).toBeGreaterThan(4);
    expect(appended.filter((hash) => !truth.has(hash))).toEqual([]);
    const stats = await statsOf(page);
    expect(stats?.refusedSegments).toBe(0);
    expect(stats?.trackerTroubles).toBe(0);
    expect(faults).toEqual([]);
  }
});

it('a viewer that passes on one flipped byte is refused, and the film plays on', async () => {
  const { gateway } = node.ready;
  const corrupt = await viewer();
  await corrupt.addInitScript(() => {
    const send = RTCDataChannel.prototype.send;
    RTCDataChannel.prototype.send = function (data: unknown) {
      const bytes =
        data instanceof ArrayBuffer
          ? new Uint8Array(data.slice(0))
          : ArrayBuffer.isView(data)
            ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
            : new Uint8Array();
      // Only pieces of segments are this long: every command stays as it was.
      if (bytes.length < 8_000) return send.call(this, data as ArrayBufferView<ArrayBuffer>);
      const at = bytes.length >> 1;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      return send.call(this, bytes);
    };
  });
  const polluter = await watch(corrupt, gateway, film);
  await counted(polluter.page, 'verifiedSegments', 8);
  const honest = await watch(await viewer(), gateway, film);
  const stats = await counted(honest.page, 'refusedSegments', 1);
  expect(stats.refusedBy.viewers).toBeGreaterThan(0);
  await played(honest.page, 5);
  const appended = await appendedHashes(honest.page);
  expect(appended.length).toBeGreaterThan(4);
  expect(appended.filter((hash) => !truth.has(hash))).toEqual([]);
});

it.each(['share', 'alone'])(
  'a gateway that flips one byte is refused, and a mirror plays on (%s)',
  async (mode) => {
    const liar = await lyingGateway(node.ready.gateway, (cid) => segments.has(cid));
    try {
      const context = await viewer();
      await context.addInitScript((kept) => localStorage.setItem('heliograph.sharing', kept), mode);
      const { page } = await watch(context, liar.url, film);
      await played(page, 5);
      const stats = await statsOf(page);
      expect(liar.lies()).toBeGreaterThan(0);
      expect(stats?.refusedBy[liar.url]).toBeGreaterThan(0);
      expect(stats?.bytesFromSources[node.ready.gateway]).toBeGreaterThan(0);
      expect(stats?.bytesFromSources[liar.url]).toBeUndefined();
      const appended = await appendedHashes(page);
      expect(appended.length).toBeGreaterThan(4);
      expect(appended.filter((hash) => !truth.has(hash))).toEqual([]);
    } finally {
      await liar.close();
    }
  },
);

it('a gateway that dies while a film plays is not missed, and the film comes to its end', async () => {
  const front = await lyingGateway(node.ready.gateway, () => false);
  try {
    const { page } = await watch(await viewer(), front.url, film);
    await played(page, 1);
    await front.close();
    // Far behind what was brought in advance.
    await page.evaluate(() => {
      const video = document.querySelector('video');
      if (video) video.currentTime = 26;
    });
    await page.waitForFunction(() => document.querySelector('video')?.ended, null, { timeout: 30_000 });
    const stats = await statsOf(page);
    expect(stats?.bytesFromSources[node.ready.gateway]).toBeGreaterThan(0);
    const appended = await appendedHashes(page);
    expect(appended.filter((hash) => !truth.has(hash))).toEqual([]);
  } finally {
    await front.close();
  }
});
