/** Picks the constant frame rate to encode at: pure. */
import type { Rate, SourceVideo } from './source.ts';

const maxFrameRate = 60;
const minFrameRate = 5;

const evenRates: Rate[] = [
  { num: 24000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30000, den: 1001 },
  { num: 30, den: 1 },
  { num: 48, den: 1 },
  { num: 50, den: 1 },
  { num: 60000, den: 1001 },
  { num: 60, den: 1 },
];

/** The constant frame rate to encode at: the source's own, or the nearest common one when it has none. */
export function evenRate(video: SourceVideo): Rate {
  let { num, den } = video.frameRate;
  while (num / den > maxFrameRate + 0.5) den *= 2;
  const value = num / den;
  if (value < minFrameRate) return { num: minFrameRate, den: 1 };
  const nearest = evenRates.reduce((best, rate) =>
    Math.abs(rate.num / rate.den - value) < Math.abs(best.num / best.den - value) ? rate : best,
  );
  const distance = Math.abs(nearest.num / nearest.den / value - 1);
  if (distance < 0.0005 || (video.variable && value > 20 && distance < 0.15)) return nearest;
  return video.variable ? { num: Math.max(minFrameRate, Math.round(value)), den: 1 } : { num, den };
}
