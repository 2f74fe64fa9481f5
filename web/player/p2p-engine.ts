/** Wires p2p-media-loader into hls.js: our swarm and trackers only, every segment checked on both roads, all of it counted. */
import Hls, { type HlsConfig } from 'hls.js';
import { HlsJsP2PEngine, type HlsWithP2PConfig } from 'p2p-media-loader-hlsjs';
import type { SourceFault } from '../verify/source-book.ts';
import type { HttpTurns } from './http-turns.ts';
import type { StatsKeeper } from './player-stats.ts';
import type { SegmentCheck } from './segment-check.ts';
import { segmentGate } from './segment-gate.ts';
import { type SharingMode, sharingConfig } from './sharing.ts';

/** hls.js with the peer-to-peer engine in it. */
export const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);
export type P2PHls = Hls & { readonly p2pEngine: HlsJsP2PEngine };

export interface EngineParts {
  swarmId: string;
  trackers: readonly string[];
  sharing: SharingMode;
  loader: HlsConfig['loader'];
  check: SegmentCheck;
  turns: HttpTurns;
  stats: StatsKeeper;
  onCreated: (hls: P2PHls) => void;
}

/** The configuration of one player: measured to send each segment once (facts: film, 1.01 copies). */
export function engineConfig(parts: EngineParts): HlsWithP2PConfig<typeof Hls> {
  const { check, turns, stats } = parts;
  const checked = async (url: string, data: ArrayBuffer): Promise<boolean> => {
    const isTrue = (await check.isTrue(url, data)) === true;
    if (isTrue) stats.verified();
    return isTrue;
  };
  return {
    loader: parts.loader,
    // Segments are copied once at the gate; a worker would take the copies other viewers are served from.
    enableWorker: false,
    progressive: false,
    capLevelToPlayerSize: true,
    maxBufferLength: windowFor(0),
    maxMaxBufferLength: windowFor(0),
    // A film waits for a source as long as its viewer does.
    fragLoadPolicy: {
      default: {
        maxTimeToFirstByteMs: 60_000,
        maxLoadTimeMs: 120_000,
        timeoutRetry: { maxNumRetry: 1_000, retryDelayMs: 1_000, maxRetryDelayMs: 5_000 },
        errorRetry: { maxNumRetry: 1_000, retryDelayMs: 1_000, maxRetryDelayMs: 5_000 },
      },
    },
    p2p: {
      core: {
        swarmId: parts.swarmId,
        announceTrackers: [...parts.trackers],
        // No STUN server unless a node offers its own: the usual ones tell strangers who watches.
        rtcConfig: { iceServers: [] },
        ...sharingConfig(parts.sharing),
        highDemandTimeWindow: windowFor(0),
        simultaneousHttpDownloads: 1,
        simultaneousP2PDownloads: 8,
        httpDownloadInitialTimeoutMs: 1_500,
        httpNotReceivingBytesTimeoutMs: 4_000,
        // Viewers of a quality left behind are let go before long, or they would be counted twice.
        p2pInactiveLoaderDestroyTimeoutMs: 10_000,
        // Enough for each of several sources to be found out before hls.js hears of a failure.
        httpErrorRetries: 6,
        validateP2PSegment: (url, _range, data) => checked(url, data),
        validateHTTPSegment: (url, _range, data) => checked(url, data),
        httpRequestSetup: async (url, _range, signal) => turns.request(url, signal),
      },
      onHlsJsCreated(created) {
        const hls = created as unknown as P2PHls;
        guard(hls, parts);
        count(hls, parts);
        parts.onCreated(hls);
      },
    },
  };
}

/**
 * Seconds ahead that are worth asking a node for. With other viewers about, few: further ahead they are asked. With none,
 * many: nobody else fills the buffer.
 */
export function windowFor(viewers: number): number {
  return viewers > 0 ? 4 : 20;
}

function tune(hls: P2PHls, stats: StatsKeeper) {
  const seconds = windowFor(stats.snapshot().viewers);
  if (hls.config.maxBufferLength === seconds) return;
  hls.config.maxBufferLength = seconds;
  hls.config.maxMaxBufferLength = seconds;
  hls.p2pEngine.applyDynamicConfig({ core: { highDemandTimeWindow: seconds } });
}

function guard(hls: P2PHls, { check, stats }: EngineParts) {
  const inner = hls.config.fLoader;
  if (inner === undefined) throw new TypeError('the peer-to-peer engine set no fragment loader');
  hls.config.fLoader = segmentGate(inner, check, () => stats.refused('gate'));
}

function count(hls: P2PHls, { turns, stats }: EngineParts) {
  const engine = hls.p2pEngine;
  engine.addEventListener('onSegmentLoaded', ({ segmentUrl, bytesLength, downloadSource, peerId }) => {
    if (downloadSource === 'p2p') return stats.fromViewer(peerId ?? '', segmentUrl, bytesLength);
    const base = turns.succeeded(segmentUrl, bytesLength);
    if (base !== null) stats.fromSource(base, bytesLength);
  });
  engine.addEventListener('onSegmentError', ({ segment, error, downloadSource }) => {
    if (downloadSource === 'p2p') {
      if (error.type === 'p2p-segment-validation-failed') stats.refused('viewers');
      return;
    }
    const fault: SourceFault =
      error.type === 'http-segment-validation-failed' ? 'wrong-bytes' : 'unreachable';
    const base = turns.failed(segment.url, fault);
    if (fault === 'wrong-bytes') stats.refused(base ?? 'unknown');
  });
  engine.addEventListener('onSegmentAbort', ({ segment, downloadSource }) => {
    if (downloadSource === 'http') turns.dropped(segment.url);
  });
  engine.addEventListener('onChunkDownloaded', (bytes, source) => {
    if (source === 'http') turns.received(bytes);
  });
  engine.addEventListener('onChunkUploaded', (bytes) => stats.uploaded(bytes));
  engine.addEventListener('onPeerConnect', ({ peerId, streamType }) => {
    stats.peerCame(peerId, streamType);
    tune(hls, stats);
  });
  engine.addEventListener('onPeerClose', ({ peerId, streamType }) => {
    stats.peerWent(peerId, streamType);
    tune(hls, stats);
  });
  engine.addEventListener('onTrackerError', () => stats.trackerTrouble());
  engine.addEventListener('onTrackerWarning', () => stats.trackerTrouble());
}
