/** Counts what the player got from whom, what it refused, and what it gave; pages and tests read snapshots of it. */
import type { SharingMode } from './sharing.ts';

/** What `window.heliograph.stats()` gives. Bytes are of whole segments found true; sources are HTTP bases. */
export interface PlayerStats {
  /** CID of the manifest that plays. */
  manifest: string;
  sharing: SharingMode;
  verifiedSegments: number;
  refusedSegments: number;
  /** Refused segments by who sent them: `viewers`, an HTTP base, or `gate` for what the last check before the video stopped. */
  refusedBy: Record<string, number>;
  bytesFromViewers: number;
  bytesFromSources: Record<string, number>;
  uploadedBytes: number;
  /** Viewers connected now. */
  viewers: number;
  /** Viewers that gave at least one true segment; at least so many, for ids differ from swarm to swarm. */
  givers: number;
  /** Trackers that last answered with an error. */
  trackerTroubles: number;
}

type StreamType = 'main' | 'secondary';

export class StatsKeeper {
  readonly #refusedBy = new Map<string, number>();
  readonly #bytesFrom = new Map<string, number>();
  readonly #connected: Record<StreamType, Set<string>> = { main: new Set(), secondary: new Set() };
  /** Viewers that gave, by rendition: a viewer has another id in the swarm of each. */
  readonly #givers = new Map<string, Set<string>>();
  readonly #manifest: string;
  #verified = 0;
  #fromViewers = 0;
  #uploaded = 0;
  #trackerTroubles = 0;
  sharing: SharingMode;

  constructor(manifest: string, sharing: SharingMode) {
    this.#manifest = manifest;
    this.sharing = sharing;
  }

  verified(): void {
    this.#verified++;
  }

  refused(by: string): void {
    add(this.#refusedBy, by, 1);
  }

  /** A true segment at this address came from a viewer. */
  fromViewer(peer: string, url: string, bytes: number): void {
    this.#fromViewers += bytes;
    const rendition = url.slice(0, url.lastIndexOf('/'));
    this.#givers.set(rendition, (this.#givers.get(rendition) ?? new Set()).add(peer));
  }

  fromSource(base: string, bytes: number): void {
    add(this.#bytesFrom, base, bytes);
  }

  uploaded(bytes: number): void {
    this.#uploaded += bytes;
  }

  trackerTrouble(): void {
    this.#trackerTroubles++;
  }

  peerCame(peer: string, stream: StreamType): void {
    this.#connected[stream].add(peer);
  }

  peerWent(peer: string, stream: StreamType): void {
    this.#connected[stream].delete(peer);
  }

  snapshot(): PlayerStats {
    return {
      manifest: this.#manifest,
      sharing: this.sharing,
      verifiedSegments: this.#verified,
      refusedSegments: [...this.#refusedBy.values()].reduce((sum, count) => sum + count, 0),
      refusedBy: Object.fromEntries(this.#refusedBy),
      bytesFromViewers: this.#fromViewers,
      bytesFromSources: Object.fromEntries(this.#bytesFrom),
      uploadedBytes: this.#uploaded,
      // A viewer has one id in the swarm of the picture and another in that of the sound.
      viewers: Math.max(this.#connected.main.size, this.#connected.secondary.size),
      givers: Math.max(0, ...[...this.#givers.values()].map((peers) => peers.size)),
      trackerTroubles: this.#trackerTroubles,
    };
  }
}

function add(counts: Map<string, number>, key: string, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}
