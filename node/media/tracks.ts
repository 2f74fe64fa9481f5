/** Names and describes a source's audio and subtitle tracks as renditions: pure. */
import { copyableAudio } from './copyable.ts';
import type { Source } from './source.ts';

export interface AudioRung {
  /** `a-en`, `a-und`, `a-en-2`. */
  id: string;
  /** Stream index in the source. */
  index: number;
  copy: boolean;
  /** 1 or 2. */
  channels: number;
  sampleRate: number;
  bitrate: number;
  language?: string;
  name: string;
  isDefault: boolean;
}

export interface SubtitleRung {
  id: string;
  index: number;
  language?: string;
  name: string;
  isDefault: boolean;
}

/** One stereo or mono rendition for each audio track; exactly one is the default. */
export function audioRungs(source: Source): AudioRung[] {
  const ids = new Set<string>();
  const first = source.audio.find((track) => track.isDefault) ?? source.audio[0];
  return source.audio.map((track, place) => {
    const copy = copyableAudio(source, track);
    const channels = Math.min(2, track.channels);
    return {
      id: uniqueId('a', track.language, ids),
      index: track.index,
      copy,
      channels,
      sampleRate: track.sampleRate === 44_100 ? 44_100 : 48_000,
      bitrate: channels === 1 ? 80_000 : 128_000,
      ...(track.language ? { language: track.language } : {}),
      name: trackName(track, `Audio ${place + 1}`),
      isDefault: track === first,
    };
  });
}

/** One WebVTT rendition for each text subtitle track. */
export function subtitleRungs(source: Source): SubtitleRung[] {
  const ids = new Set<string>();
  return source.subtitles.map((track, place) => ({
    id: uniqueId('s', track.language, ids),
    index: track.index,
    ...(track.language ? { language: track.language } : {}),
    name: trackName(track, `Subtitles ${place + 1}`),
    isDefault: track.isDefault,
  }));
}

function uniqueId(kind: 'a' | 's', language: string | undefined, taken: Set<string>): string {
  const base = `${kind}-${(language ?? 'und').toLowerCase()}`;
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  taken.add(id);
  return id;
}

/** Its title, else its language in that language, else a number. */
function trackName(track: { language?: string; title?: string }, otherwise: string): string {
  // Quotes and line breaks can't stand in a playlist's attribute.
  const title = track.title?.replace(/[\p{Cc}"]/gu, ' ').trim();
  if (title) return title.slice(0, 100);
  if (!track.language) return otherwise;
  const name = new Intl.DisplayNames([track.language], { type: 'language' }).of(track.language);
  return name ? name.charAt(0).toLocaleUpperCase(track.language) + name.slice(1) : otherwise;
}
