/** The line under the player: how much came from viewers, from which node the rest, and how much was checked. */
import type { PlayerStats } from './player-stats.ts';

/** One sentence in parts; `ownBase` is the gateway that served the page. */
export function liveLine(stats: PlayerStats, ownBase: string): string {
  const fromNodes = Object.entries(stats.bytesFromSources)
    .filter(([, bytes]) => bytes > 0)
    .sort(([, a], [, b]) => b - a);
  const nodeBytes = fromNodes.reduce((sum, [, bytes]) => sum + bytes, 0);
  const total = stats.bytesFromViewers + nodeBytes;
  const parts = total === 0 ? ['Waiting for the first segment'] : [];
  if (stats.bytesFromViewers > 0) {
    const who = stats.givers === 1 ? '1 viewer' : `${stats.givers} viewers`;
    parts.push(`${percent(stats.bytesFromViewers, total)} from ${who}`);
  }
  if (nodeBytes > 0) {
    const nodes = fromNodes.map(([base]) => nodeName(base, ownBase));
    parts.push(`${stats.bytesFromViewers > 0 ? 'rest' : 'All'} from ${named(nodes)}`);
  }
  if (stats.verifiedSegments > 0) parts.push(`${count(stats.verifiedSegments, 'segment')} checked`);
  if (stats.refusedSegments > 0) parts.push(`${stats.refusedSegments} refused`);
  return parts.join(' · ');
}

/** What a person calls a source. */
export function nodeName(base: string, ownBase: string): string {
  return base === ownBase ? 'this gateway' : `mirror ${new URL(base).host}`;
}

/** Share of `part` in `total`, never rounded to all or nothing while it is neither. */
export function percent(part: number, total: number): string {
  const rounded = Math.round((100 * part) / total);
  const kept = part === 0 || part === total ? rounded : Math.min(99, Math.max(1, rounded));
  return `${kept} %`;
}

/** Bytes as a person reads them. */
export function byteText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

function named([first = '', ...others]: string[]): string {
  if (others.length === 0) return first;
  return others.length === 1 ? `${first} and ${others[0]}` : `${first} and ${others.length} others`;
}

function count(amount: number, thing: string): string {
  return `${amount.toLocaleString('en')} ${thing}${amount === 1 ? '' : 's'}`;
}
