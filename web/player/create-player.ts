/** Puts one player together: verified playlists and segments, the peer-to-peer engine, and Vidstack's controls around it. */
import type Hls from 'hls.js';
import { type HLSErrorEvent, isHLSProvider, type MediaProviderChangeEvent } from 'vidstack';
import type { MediaPlayerElement, MediaVideoLayoutElement } from 'vidstack/elements';
import 'vidstack/player';
import 'vidstack/player/layouts/default';
import 'vidstack/player/ui';
import { itemSwarmId } from '../../protocol/swarm.ts';
import { type ReadItem, readSegmentList } from '../verify/read-item.ts';
import { sha256 } from '../verify/sha256.ts';
import type { VerifiedReader } from '../verify/verified-reader.ts';
import { HttpTurns } from './http-turns.ts';
import { engineConfig, HlsWithP2P, type P2PHls } from './p2p-engine.ts';
import { type PlayerStats, StatsKeeper } from './player-stats.ts';
import { Playlists } from './playlists.ts';
import { SegmentCheck } from './segment-check.ts';
import { SegmentIndex } from './segment-index.ts';
import { type SharingMode, sharingConfig } from './sharing.ts';
import { loadStoryboard } from './storyboard.ts';
import { verifiedLoader } from './verified-loader.ts';

export interface PlayerParts {
  /** Where the player goes. */
  container: HTMLElement;
  title: string;
  item: ReadItem;
  reader: VerifiedReader;
  trackers: readonly string[];
  sharing: SharingMode;
  /** Seconds at which to begin. */
  startAt: number;
  /** Up and down are not the volume but lead out of the player, as a remote control needs. */
  arrowsLeave: boolean;
  onTime: (seconds: number, duration: number) => void;
  /** What keeps it from playing, or null when nothing does (any more). */
  onTrouble: (trouble: 'waiting' | 'broken' | 'unsupported' | null) => void;
}

export interface Player {
  stats: () => PlayerStats;
  setSharing: (mode: SharingMode) => void;
  /** A verified picture to show before the first frame, as a `blob:` URL. */
  setPoster: (url: string) => void;
  destroy: () => void;
}

/** Starts playing as soon as the browser lets it. Nothing of it is left after `destroy`. */
export function createPlayer(parts: PlayerParts): Player {
  const { item, reader } = parts;
  const manifestCid = item.cid.toString();
  const index = new SegmentIndex(manifestCid);
  const playlists = new Playlists({
    manifest: item.manifest,
    index,
    readList: (rendition) => readSegmentList(rendition, reader),
  });
  const check = new SegmentCheck(index, sha256);
  const stats = new StatsKeeper(manifestCid, parts.sharing);
  const turns = new HttpTurns({ sources: reader.sources, index, now: () => performance.now() });
  let hls: P2PHls | null = null;
  const config = engineConfig({
    swarmId: itemSwarmId(manifestCid),
    trackers: parts.trackers,
    sharing: parts.sharing,
    check,
    turns,
    stats,
    loader: verifiedLoader({
      playlists,
      index,
      reader,
      onSegmentRead({ base, bytes, fault }) {
        if (fault === null) {
          stats.verified();
          stats.fromSource(base, bytes);
        } else if (fault === 'wrong-bytes') stats.refused(base);
      },
      onSideRead({ base, fault }) {
        if (fault === 'wrong-bytes') stats.refused(base);
      },
    }),
    onCreated(created) {
      hls = created;
    },
  });
  const media = assemble(parts, index.masterUrl, config);
  parts.container.replaceChildren(media.player);
  media.player.focus({ preventScroll: true });
  const { storyboard } = item.manifest;
  let freeStoryboard = () => {};
  const showPreviews = () => {
    if (storyboard === null) return;
    freeStoryboard = loadStoryboard(storyboard, reader, (previews) => {
      media.layout.thumbnails = previews;
    });
  };
  // Previews wait until the film runs: its first segments are worth more.
  media.player.addEventListener('playing', showPreviews, { once: true });
  return {
    stats: () => stats.snapshot(),
    setSharing(mode) {
      stats.sharing = mode;
      hls?.p2pEngine.applyDynamicConfig({ core: sharingConfig(mode) });
    },
    setPoster(url) {
      media.player.poster = url;
    },
    destroy() {
      freeStoryboard();
      turns.stop();
      media.player.destroy();
      media.player.remove();
    },
  };
}

function assemble(parts: PlayerParts, src: string, config: ReturnType<typeof engineConfig>) {
  const player = document.createElement('media-player') as MediaPlayerElement;
  const layout = document.createElement('media-video-layout') as MediaVideoLayoutElement;
  const provider = document.createElement('media-provider');
  const poster = document.createElement('media-poster');
  poster.className = 'vds-poster';
  provider.append(poster);
  player.append(provider, layout);
  layout.colorScheme = 'dark';
  player.title = parts.title;
  player.viewType = 'video';
  player.streamType = 'on-demand';
  player.load = 'eager';
  player.autoPlay = true;
  player.playsInline = true;
  player.keyTarget = 'player';
  if (parts.arrowsLeave) player.keyShortcuts = { ...player.keyShortcuts, volumeUp: '+', volumeDown: '-' };
  player.currentTime = parts.startAt;
  player.addEventListener('provider-change', ({ detail }: MediaProviderChangeEvent) => {
    if (!isHLSProvider(detail)) return;
    detail.library = HlsWithP2P as unknown as typeof Hls;
    detail.config = config;
  });
  listen(player, parts);
  player.src = { src, type: 'application/vnd.apple.mpegurl' };
  return { player, layout };
}

function listen(player: MediaPlayerElement, { onTime, onTrouble }: PlayerParts) {
  player.addEventListener('time-update', ({ detail }) => onTime(detail.currentTime, player.state.duration));
  player.addEventListener('hls-unsupported', () => onTrouble('unsupported'));
  player.addEventListener('hls-frag-buffered', () => onTrouble(null));
  player.addEventListener('hls-error', ({ detail }: HLSErrorEvent) => {
    if (detail.fatal && detail.type !== 'mediaError') onTrouble('broken');
    else if (detail.type === 'networkError') onTrouble('waiting');
  });
}
