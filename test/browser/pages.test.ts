/** Every page on a phone, a desktop and a television: it shows what it should and nothing goes wrong on the way. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeProcess } from '../integration/node-process.ts';
import { type PublishedFilm, publishedFilm } from '../integration/published-film.ts';
import { launchChromium, type Watched, watchedPage } from './chromium.ts';
import { played } from './viewing.ts';

let film: PublishedFilm;
let node: NodeProcess;
let empty: NodeProcess;
let browser: Browser;

const screens = [
  { name: 'a phone', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  { name: 'a desktop', viewport: { width: 1280, height: 800 } },
  { name: 'a television', viewport: { width: 1920, height: 1080 }, isMobile: true, hasTouch: true },
];

beforeAll(async () => {
  film = await publishedFilm();
  [node, empty, browser] = await Promise.all([
    NodeProcess.start(film.data),
    NodeProcess.start(`${film.directory}/empty`),
    launchChromium(),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([node?.kill(), empty?.kill()]);
  await film?.remove();
});

/** Opens a page, hands it over, and then holds it to having had no fault and no sideways scrolling. */
async function on(screen: object, url: string, look: (watched: Watched) => Promise<void>): Promise<void> {
  const context = await browser.newContext(screen);
  try {
    const watched = await watchedPage(context);
    await watched.page.goto(url, { waitUntil: 'commit' });
    await look(watched);
    const [wide, width] = await watched.page.evaluate(() => [
      document.documentElement.scrollWidth,
      window.innerWidth,
    ]);
    expect(wide).toBeLessThanOrEqual(width ?? 0);
    expect(watched.faults).toEqual([]);
  } finally {
    await context.close();
  }
}

describe.each(screens)('on $name', ({ name: _, ...screen }) => {
  it('the front page shows films and channels, and leads to them', async () => {
    await on(screen, node.ready.gateway, async ({ page }) => {
      await page.getByRole('link', { name: /Big Buck Bunny/ }).waitFor();
      await page.getByRole('link', { name: /^Sunlight/ }).click();
      await page.getByRole('heading', { level: 1, name: 'Sunlight' }).waitFor();
      await page.getByText('1 film · 1 mirror').waitFor();
      await page.locator('.item-card img').waitFor();
    });
  });

  it('a film plays, says where it comes from, and stops when the page is left', async () => {
    await on(screen, `${node.ready.gateway}/watch/${film.channel}/${film.item}`, async ({ page }) => {
      await page.getByRole('heading', { level: 1, name: 'Big Buck Bunny' }).waitFor();
      await played(page, 1);
      await page.getByText(/^All from this gateway · \d+ segments checked$/).waitFor();
      await page.getByRole('link', { name: 'Heliograph, front page' }).click();
      await page.getByRole('heading', { level: 1, name: /Carried by light/ }).waitFor();
      expect(await page.evaluate(() => window.heliograph.stats())).toBeNull();
      expect(await page.locator('media-player').count()).toBe(0);
    });
  });
});

describe('on a desktop', () => {
  const screen = { viewport: { width: 1280, height: 800 } };

  it('the search finds films by their words', async () => {
    await on(screen, node.ready.gateway, async ({ page }) => {
      const box = page.getByRole('searchbox');
      await box.fill('bunny');
      await box.press('Enter');
      await page.locator('.item-card', { hasText: 'Big Buck Bunny' }).waitFor();
      await box.fill('no such words');
      await box.press('Enter');
      await page.getByRole('heading', { name: 'Nothing found' }).waitFor();
    });
  });

  it('a node that knows no channel says what to do, and shows a channel when it comes', async () => {
    await on(screen, empty.ready.gateway, async ({ page }) => {
      await page.getByRole('heading', { name: 'No channels yet' }).waitFor();
      await empty.cli('channel', 'create', 'Fresh air');
      await page.getByRole('link', { name: /Fresh air/ }).waitFor();
    });
  });

  it('an address that leads nowhere says so', async () => {
    await on(screen, `${node.ready.gateway}/nowhere/at-all`, async ({ page }) => {
      await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
    });
  });

  it('the arrow keys lead through the page, and a film is chosen by Enter', async () => {
    await on(screen, node.ready.gateway, async ({ page }) => {
      await page.locator('.feature').waitFor();
      const focused = () => page.evaluate(() => document.activeElement?.className ?? '');
      for (let step = 0; step < 4 && !(await focused()).includes('feature'); step++) {
        await page.keyboard.press('ArrowDown');
      }
      expect(await focused()).toContain('feature');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name: 'Big Buck Bunny' }).waitFor();
    });
  });

  it('the settings menu offers every quality', async () => {
    await on(screen, `${node.ready.gateway}/watch/${film.channel}/${film.item}`, async ({ page }) => {
      await played(page, 0.5);
      const heights = await page.evaluate(() => {
        const player = document.querySelector('media-player') as unknown as {
          qualities: Iterable<{ height: number }>;
        };
        return [...player.qualities].map(({ height }) => height).sort((a, b) => b - a);
      });
      expect(heights).toEqual([1080, 720, 480, 360, 240]);
    });
  });
});

it('an item that the channel does not list is not played', async () => {
  const context = await browser.newContext();
  const { page } = await watchedPage(context);
  await page.goto(`${node.ready.gateway}/watch/${film.channel}/b${'a'.repeat(26)}`);
  await page.getByText('This cannot play').waitFor();
  expect(await page.locator('video').count()).toBe(0);
  await context.close();
});

it('a gateway that turns the clock back is noticed', async () => {
  const context = await browser.newContext();
  const { page } = await watchedPage(context);
  const url = `${node.ready.gateway}/channels/${film.channel}`;
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: 'Sunlight' }).waitFor();
  expect(await page.getByText('This may be out of date').count()).toBe(0);
  await page.evaluate((channel) => {
    const key = `heliograph.seen.${channel}`;
    const seen = JSON.parse(localStorage.getItem(key) ?? '{}') as Record<string, number>;
    localStorage.setItem(key, JSON.stringify({ ...seen, [`channel/${channel}`]: 1_000 }));
  }, film.channel);
  await page.reload();
  await page.getByText('This may be out of date').waitFor();
  await context.close();
});
