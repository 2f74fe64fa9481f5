/** The page's public debugging interface: `window.heliograph.stats()` says what the player did so far. */
import type { PlayerStats } from './player-stats.ts';

declare global {
  interface Window {
    heliograph: {
      /** Counters of the player on this page, or null when none is. */
      stats: () => PlayerStats | null;
    };
  }
}

/** Makes this player's counters the page's; returns what takes them away again. */
export function publishStats(stats: () => PlayerStats): () => void {
  window.heliograph = { stats };
  return () => {
    if (window.heliograph.stats === stats) window.heliograph = { stats: () => null };
  };
}
