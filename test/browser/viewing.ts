/** Opens the watch page as a viewer does, and waits for what the player says of itself. */
import type { BrowserContext, Page } from 'playwright-core';
import type { PlayerStats } from '../../web/player/player-stats.ts';
import { type Watched, watchedPage } from './chromium.ts';

const LIMIT_MS = 60_000;

/** Small enough that every viewer plays the lowest rung, and so helps every other. */
export const smallScreen = { width: 400, height: 700 };

export interface Film {
  channel: string;
  item: string;
}

export async function watch(context: BrowserContext, gateway: string, film: Film): Promise<Watched> {
  const watched = await watchedPage(context);
  await watched.page.goto(`${gateway}/watch/${film.channel}/${film.item}`, { waitUntil: 'commit' });
  return watched;
}

export function statsOf(page: Page): Promise<PlayerStats | null> {
  return page.evaluate(() => window.heliograph?.stats() ?? null);
}

/** Resolves when playback has passed this many seconds. */
export async function played(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction(
    (wanted) => (document.querySelector('video')?.currentTime ?? 0) >= wanted,
    seconds,
    { timeout: LIMIT_MS, polling: 200 },
  );
}

/** Resolves with the player's counters when one of them has reached this much. */
export async function counted(
  page: Page,
  counter: 'verifiedSegments' | 'refusedSegments' | 'bytesFromViewers' | 'uploadedBytes' | 'viewers',
  atLeast: number,
): Promise<PlayerStats> {
  try {
    await page.waitForFunction(
      // The page may not have come so far yet as to have a player.
      ([name, wanted]) => (window.heliograph?.stats()?.[name] ?? 0) >= wanted,
      [counter, atLeast] as const,
      { timeout: LIMIT_MS, polling: 200 },
    );
  } catch (cause) {
    const seen = JSON.stringify(await statsOf(page));
    throw new Error(`${counter} did not come to ${atLeast} in ${LIMIT_MS / 1000} s: ${seen}`, { cause });
  }
  const stats = await statsOf(page);
  if (stats === null) throw new Error('the player is gone');
  return stats;
}
