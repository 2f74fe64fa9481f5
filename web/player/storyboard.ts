/** Preview pictures for the time bar, from the verified WebVTT file and pictures that the manifest names. */
import { storyboardImageName } from '../../protocol/item-paths.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { VerifiedReader } from '../verify/verified-reader.ts';

/** One preview: seconds, which picture (from 0) and where in it, in pixels. */
export interface StoryboardCue {
  startTime: number;
  endTime: number;
  image: number;
  area: { x: number; y: number; width: number; height: number } | null;
}

export interface Preview {
  url: string;
  startTime: number;
  endTime: number;
  width?: number;
  height?: number;
  coords?: { x: number; y: number };
}

const CUE =
  /(\d+:)?(\d{2}):(\d{2}\.\d{3}) +--> +(\d+:)?(\d{2}):(\d{2}\.\d{3})[^\n]*\n([^\n#]+?)(?:#xywh=(\d+),(\d+),(\d+),(\d+))?(?:\n|$)/g;

/** The cues of a storyboard file; cues that name no picture of the item are left out. */
export function storyboardCues(vtt: string, images: number): StoryboardCue[] {
  const names = new Map(Array.from({ length: images }, (_, index) => [storyboardImageName(index), index]));
  const cues: StoryboardCue[] = [];
  for (const match of vtt.replaceAll('\r\n', '\n').matchAll(CUE)) {
    const image = names.get(match[7]?.trim() ?? '');
    if (image === undefined) continue;
    const area = match[8] === undefined ? null : areaOf(match.slice(8, 12).map(Number));
    cues.push({ startTime: seconds(match, 1), endTime: seconds(match, 4), image, area });
  }
  return cues;
}

/**
 * Loads the storyboard picture by picture and hands over all previews known so far after each.
 * Pictures that no source has as signed are left out. Returns what frees the pictures.
 */
export function loadStoryboard(
  storyboard: NonNullable<Manifest['storyboard']>,
  reader: VerifiedReader,
  onPreviews: (previews: Preview[]) => void,
): () => void {
  const stop = new AbortController();
  const urls: string[] = [];
  const load = async () => {
    const vtt = new TextDecoder().decode(await reader.file(storyboard.vtt, stop.signal));
    const cues = storyboardCues(vtt, storyboard.images.length);
    const previews: Preview[] = [];
    for (const [index, ref] of storyboard.images.entries()) {
      const bytes = await reader.file(ref, stop.signal).catch(() => null);
      if (stop.signal.aborted) return;
      if (bytes === null) continue;
      const url = URL.createObjectURL(new Blob([bytes], { type: 'image/jpeg' }));
      urls.push(url);
      previews.push(...cues.filter((cue) => cue.image === index).map((cue) => preview(cue, url)));
      onPreviews([...previews]);
    }
  };
  // Previews are an extra: without them the time bar works as before.
  load().catch(() => undefined);
  return () => {
    stop.abort();
    for (const url of urls) URL.revokeObjectURL(url);
  };
}

function preview({ startTime, endTime, area }: StoryboardCue, url: string): Preview {
  if (area === null) return { url, startTime, endTime };
  return {
    url,
    startTime,
    endTime,
    width: area.width,
    height: area.height,
    coords: { x: area.x, y: area.y },
  };
}

function areaOf([x = 0, y = 0, width = 0, height = 0]: number[]) {
  return { x, y, width, height };
}

function seconds(match: RegExpMatchArray, at: number): number {
  return Number.parseInt(match[at] ?? '0', 10) * 3600 + Number(match[at + 1]) * 60 + Number(match[at + 2]);
}
