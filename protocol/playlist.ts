/** HLS playlists as a pure function of a manifest and its segment lists (RFC 8216); node and browser render the same. */
import { INIT, mediaPlaylistPath, segmentName } from './item-paths.ts';
import type { Manifest, Rendition, SegmentList } from './manifest.ts';

const AUDIO_GROUP = 'audio';
const SUBTITLE_GROUP = 'subtitles';

/** Where the playlists that a master names are; by default beside it, as in the item's folder. */
export type PlaylistUri = (rendition: Rendition) => string;

/** The master playlist: variants and groups in the manifest's order, the same on every mirror. */
export function renderMaster(
  manifest: Pick<Manifest, 'renditions'>,
  uri: PlaylistUri = (rendition) => mediaPlaylistPath(rendition.id),
): string {
  const of = (kind: Rendition['kind']) => manifest.renditions.filter((r) => r.kind === kind);
  const [videos, audios, subtitles] = [of('video'), of('audio'), of('subtitle')];
  const lines = ['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-INDEPENDENT-SEGMENTS'];
  if (videos.length > 0) lines.push(...audios.map((r) => mediaTag('AUDIO', AUDIO_GROUP, r, uri(r))));
  lines.push(...subtitles.map((r) => mediaTag('SUBTITLES', SUBTITLE_GROUP, r, uri(r))));
  const groups = {
    ...(videos.length > 0 && audios.length > 0 ? { AUDIO: quote(AUDIO_GROUP) } : {}),
    ...(subtitles.length > 0 ? { SUBTITLES: quote(SUBTITLE_GROUP) } : {}),
  };
  const loudest = audios.reduce((most, r) => Math.max(most, r.bandwidth), 0);
  const usual = audios.reduce((most, r) => Math.max(most, r.averageBandwidth), 0);
  const audioCodecs = [...new Set(audios.map((r) => r.codecs))];
  for (const video of videos) {
    const attributes = {
      BANDWIDTH: video.bandwidth + loudest,
      'AVERAGE-BANDWIDTH': video.averageBandwidth + usual,
      CODECS: quote([video.codecs, ...audioCodecs].join(',')),
      ...(video.width && video.height ? { RESOLUTION: `${video.width}x${video.height}` } : {}),
      ...(video.frameRate ? { 'FRAME-RATE': video.frameRate } : {}),
      ...groups,
    };
    lines.push(`#EXT-X-STREAM-INF:${attributeList(attributes)}`, uri(video));
  }
  if (videos.length === 0) {
    for (const audio of audios) {
      const attributes = {
        BANDWIDTH: audio.bandwidth,
        'AVERAGE-BANDWIDTH': audio.averageBandwidth,
        CODECS: quote(audio.codecs),
        ...groups,
      };
      lines.push(`#EXT-X-STREAM-INF:${attributeList(attributes)}`, uri(audio));
    }
  }
  return `${lines.join('\n')}\n`;
}

export interface MediaUris {
  /** Where the initialization section is. */
  init: string;
  /** Where the segment with this index (from 0) is. */
  segment: (index: number) => string;
}

/** The media playlist of one rendition, on demand and complete. Durations keep their milliseconds. */
export function renderMedia(
  rendition: Rendition,
  list: SegmentList,
  uris: MediaUris = besidePlaylist(rendition),
): string {
  const longest = list.segments.reduce((most, [, , ms]) => Math.max(most, ms), 0);
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, Math.round(longest / 1000))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-INDEPENDENT-SEGMENTS',
  ];
  if (list.init !== null) lines.push(`#EXT-X-MAP:URI=${quote(uris.init)}`);
  list.segments.forEach(([, , ms], index) => {
    lines.push(`#EXTINF:${(ms / 1000).toFixed(3)},`, uris.segment(index));
  });
  lines.push('#EXT-X-ENDLIST');
  return `${lines.join('\n')}\n`;
}

function besidePlaylist(rendition: Rendition): MediaUris {
  return { init: INIT, segment: (index) => segmentName(rendition.kind, index) };
}

function mediaTag(type: 'AUDIO' | 'SUBTITLES', group: string, rendition: Rendition, uri: string): string {
  return `#EXT-X-MEDIA:${attributeList({
    TYPE: type,
    'GROUP-ID': quote(group),
    NAME: quote(rendition.name),
    ...(rendition.language ? { LANGUAGE: quote(rendition.language) } : {}),
    DEFAULT: rendition.isDefault ? 'YES' : 'NO',
    AUTOSELECT: 'YES',
    ...(type === 'AUDIO' && rendition.channels ? { CHANNELS: quote(String(rendition.channels)) } : {}),
    URI: quote(uri),
  })}`;
}

function attributeList(attributes: Record<string, string | number>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .join(',');
}

function quote(text: string): string {
  return `"${text}"`;
}
