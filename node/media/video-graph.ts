/** Writes the filter graph that makes every size, the storyboard and the poster from one decoded picture. Pure. */
import type { Ladder } from './ladder.ts';
import type { Source } from './source.ts';

export interface VideoGraph {
  /** For -filter_complex; empty when nothing is encoded. Each encoded rung comes out at `[its id]`. */
  filters: string;
  /** What to map for the pictures, or null. */
  storyboard: string | null;
  poster: string | null;
  /** True when pictures are taken from a second opening of the source that decodes keyframes only. */
  keyframeInput: boolean;
}

/** What is wide enough for a poster; larger rungs would only cost memory. */
const posterHeight = 720;
/** How many pictures compete to be the poster: the one most like the others wins, so black and titles lose. */
const posterCandidates = 20;
/** Clips shorter than this have too few keyframes to take pictures from: all of their frames are decoded. */
const wholeBelowMs = 30_000;

/** Sizes are made one from the other, largest first, which costs less than each from the source. */
export function videoGraph(source: Source, ladder: Ladder, tonemap: boolean): VideoGraph {
  const { video } = source;
  const { storyboard } = ladder;
  const encoded = ladder.video.filter((rung) => !rung.copy);
  if (!video || ladder.video.length === 0) return coverGraph(source);
  if (encoded.length === 0) {
    if (!storyboard) return { filters: '', storyboard: null, poster: null, keyframeInput: false };
    const keyframeInput = ladder.durationMs > wholeBelowMs;
    const input = `[${keyframeInput ? 1 : 0}:${video.index}]`;
    return {
      filters: `${input}split=2[sb0][po0];${pictures(ladder, '[sb0]', '[po0]')}`,
      storyboard: '[sb]',
      poster: '[po]',
      keyframeInput,
    };
  }
  const chains: string[] = [];
  const posterFrom =
    encoded.find((rung) => Math.min(rung.width, rung.height) <= posterHeight) ?? encoded.at(-1);
  let input = `[0:${video.index}]`;
  for (const [place, rung] of encoded.entries()) {
    const next = encoded[place + 1];
    const steps = place === 0 ? [...before(source, ladder)] : [];
    // A range that is asked for makes even a scaler with nothing to do touch every pixel.
    const range = place === 0 && video.fullRange ? ':in_range=pc:out_range=tv' : '';
    steps.push(`scale=${rung.width}:${rung.height}${range}`, 'setsar=1');
    if (place === 0) steps.push(...(video.transfer === 'sdr' || !tonemap ? [] : toSdr), 'format=yuv420p');
    const outputs = [`[${rung.id}]`];
    if (next) outputs.push(`[${rung.id}d]`);
    if (!next && storyboard) outputs.push('[sb0]');
    if (rung === posterFrom && storyboard) outputs.push('[po0]');
    if (outputs.length > 1) steps.push(`split=${outputs.length}`);
    chains.push(`${input}${steps.join(',')}${outputs.join('')}`);
    input = `[${rung.id}d]`;
  }
  if (storyboard) chains.push(pictures(ladder, '[sb0]', '[po0]'));
  return {
    filters: chains.join(';'),
    storyboard: storyboard ? '[sb]' : null,
    poster: storyboard ? '[po]' : null,
    keyframeInput: false,
  };
}

function before(source: Source, ladder: Ladder): string[] {
  const steps: string[] = [];
  if (source.video?.interlaced) steps.push('bwdif=mode=send_frame');
  const rung = ladder.video[0];
  // Beside a copied rung the source's own times are kept; else every frame gets its place in an even grid from 0.
  if (rung && !rung.copy) steps.push(`fps=${rung.frameRate.num}/${rung.frameRate.den}:start_time=0`);
  return steps;
}

const toSdr = [
  'zscale=t=linear:npl=100',
  'format=gbrpf32le',
  'zscale=p=bt709',
  'tonemap=tonemap=hable:desat=0',
  'zscale=t=bt709:m=bt709:r=tv',
];

function pictures(ladder: Ladder, small: string, large: string): string {
  const board = ladder.storyboard;
  if (!board) return '';
  // Rounding up gives each stretch the frame it begins with, and the last, short stretch one too.
  const rate = `fps=1/${board.interval}:start_time=0:round=up`;
  const count = Math.ceil(ladder.durationMs / 1000 / board.interval);
  const candidates = Math.max(2, Math.min(posterCandidates, count));
  return [
    `${small}${rate},scale=${board.width}:${board.height},tile=${board.columns}x${board.rows}[sb]`,
    `${large}${rate},thumbnail=n=${candidates}[po]`,
  ].join(';');
}

/** Sound with a picture attached: the picture is the poster. */
function coverGraph(source: Source): VideoGraph {
  if (source.cover === null) return { filters: '', storyboard: null, poster: null, keyframeInput: false };
  return {
    filters: `[0:${source.cover}]scale=w='min(1280,iw)':h=-2[po]`,
    storyboard: null,
    poster: '[po]',
    keyframeInput: false,
  };
}
