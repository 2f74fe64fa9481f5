/** The publisher is gone: three viewers watch on the mirror alone, and help each other. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FollowView } from '../../protocol/api.ts';
import { eventually, NodeProcess } from '../integration/node-process.ts';
import { type PublishedFilm, publishedFilm } from '../integration/published-film.ts';
import { appendedHashes, recordAppended, trueMedia } from './appended.ts';
import { launchChromium } from './chromium.ts';
import { counted, played, smallScreen, statsOf, watch } from './viewing.ts';

let film: PublishedFilm;
let mirror: NodeProcess;
let browser: Browser;

beforeAll(async () => {
  film = await publishedFilm();
  const publisher = await NodeProcess.start(film.data);
  try {
    mirror = await NodeProcess.start(`${film.directory}/b`, {
      network: { bootstrap: publisher.ready.addresses },
    });
    await mirror.cli('follow', film.channel, '--mirror');
    await eventually('the mirror is complete', async () => {
      const [follow] = await mirror.cli<FollowView[]>('follows');
      return follow?.state === 'complete' && follow;
    });
  } finally {
    await publisher.kill();
  }
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await mirror?.kill();
  await film?.remove();
});

it('plays in three pages, from each other and from the mirror, every buffer true', async () => {
  const { gateway } = mirror.ready;
  const { hashes } = await trueMedia(gateway, film.item);
  const open = async () => {
    const context = await browser.newContext({ viewport: smallScreen });
    await recordAppended(context);
    return watch(context, gateway, film);
  };
  const first = await open();
  await counted(first.page, 'verifiedSegments', 8);
  const later = [await open(), await open()];
  for (const { page } of later) {
    await counted(page, 'bytesFromViewers', 1);
    await played(page, 5);
  }
  for (const { page } of [first, ...later]) {
    const appended = await appendedHashes(page);
    expect(appended.length).toBeGreaterThan(4);
    expect(appended.filter((hash) => !hashes.has(hash))).toEqual([]);
    expect((await statsOf(page))?.refusedSegments).toBe(0);
  }
});
