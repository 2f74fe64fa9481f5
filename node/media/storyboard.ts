/** Writes the WebVTT that says which part of which sheet shows which moment. Pure. */
import { files } from './arguments.ts';
import type { Storyboard } from './ladder.ts';

/** How many pictures a film of this length has. At least one. */
export function pictureCount(board: Storyboard, durationMs: number): number {
  return Math.max(1, Math.ceil(durationMs / 1000 / board.interval - 0.001));
}

/** WebVTT thumbnails: one cue for each picture, its payload `sheet.jpg#xywh=x,y,w,h`. */
export function storyboardVtt(board: Storyboard, durationMs: number, sheets: number): string {
  const perSheet = board.columns * board.rows;
  const count = Math.min(pictureCount(board, durationMs), sheets * perSheet);
  const cues: string[] = ['WEBVTT'];
  for (let n = 0; n < count; n++) {
    const from = n * board.interval * 1000;
    const to = n === count - 1 ? Math.max(durationMs, from + 1) : from + board.interval * 1000;
    const x = (n % board.columns) * board.width;
    const y = Math.floor((n % perSheet) / board.columns) * board.height;
    const sheet = files.sheet(Math.floor(n / perSheet));
    cues.push(`${time(from)} --> ${time(to)}\n${sheet}#xywh=${x},${y},${board.width},${board.height}`);
  }
  return `${cues.join('\n\n')}\n`;
}

function time(ms: number): string {
  const pad = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  const whole = Math.round(ms);
  return `${pad(whole / 3_600_000, 2)}:${pad((whole / 60_000) % 60, 2)}:${pad((whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
}
