/** Who brings the film right now: the line in words, the shares as a bar, and the last minute as a small graph. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { byteText, liveLine, nodeName } from '../player/live-line.ts';
import type { PlayerStats } from '../player/player-stats.ts';

/** Seconds in the graph. */
const SPAN = 60;

interface Second {
  viewers: number;
  nodes: number;
}

export function DeliveryMeter({ stats }: { stats: PlayerStats | null }) {
  const seconds = useSeconds(stats);
  if (stats === null) return <div class="meter meter-to-come" aria-busy="true" />;
  const own = location.origin;
  const shares = [
    { name: 'viewers', bytes: stats.bytesFromViewers, tone: 'viewers' },
    ...Object.entries(stats.bytesFromSources).map(([base, bytes]) => ({
      name: nodeName(base, own),
      bytes,
      tone: base === own ? 'own' : 'mirror',
    })),
  ].filter(({ bytes }) => bytes > 0);
  const total = shares.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <div class="meter">
      <p class="live-line" aria-live="off">
        {liveLine(stats, own)}
      </p>
      <div class="meter-row">
        <div class="meter-bar" aria-hidden="true">
          {shares.map(({ name, bytes, tone }) => (
            <span key={name} class={`share share-${tone}`} style={{ flexGrow: bytes / total }} title={name} />
          ))}
        </div>
        <Graph seconds={seconds} />
      </div>
      <p class="meter-more">
        <span>
          {viewersText(stats)}
          {stats.uploadedBytes > 0 && ` · you gave ${byteText(stats.uploadedBytes)} to others`}
        </span>
        {shares.map(({ name, bytes, tone }) => (
          <span key={name} class={`key key-${tone}`}>
            {name} {byteText(bytes)}
          </span>
        ))}
      </p>
    </div>
  );
}

function viewersText({ sharing, viewers }: PlayerStats): string {
  if (sharing === 'alone') return 'Not connected to other viewers';
  if (viewers === 0) return 'No other viewer here right now';
  return viewers === 1 ? 'Connected to 1 viewer' : `Connected to ${viewers} viewers`;
}

function useSeconds(stats: PlayerStats | null): Second[] {
  const before = useRef<Second | null>(null);
  const [seconds, setSeconds] = useState<Second[]>([]);
  useEffect(() => {
    if (stats === null) return;
    const now = { viewers: stats.bytesFromViewers, nodes: sum(Object.values(stats.bytesFromSources)) };
    const last = before.current ?? now;
    before.current = now;
    const second = { viewers: now.viewers - last.viewers, nodes: now.nodes - last.nodes };
    setSeconds((old) => [...old, second].slice(-SPAN));
  }, [stats]);
  return seconds;
}

function Graph({ seconds }: { seconds: Second[] }) {
  const peak = Math.max(1, ...seconds.map(({ viewers, nodes }) => viewers + nodes));
  const offset = SPAN - seconds.length;
  return (
    <svg class="graph" viewBox={`0 0 ${SPAN} 20`} preserveAspectRatio="none" aria-hidden="true">
      {seconds.map(({ viewers, nodes }, index) => {
        const [high, low] = [(20 * viewers) / peak, (20 * nodes) / peak];
        const x = offset + index;
        return (
          <g key={index}>
            <rect class="graph-nodes" x={x} y={20 - low} width=".8" height={low} />
            <rect class="graph-viewers" x={x} y={20 - low - high} width=".8" height={high} />
          </g>
        );
      })}
    </svg>
  );
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
