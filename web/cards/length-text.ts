/** How long an item is and which episode, as a person reads it. */

/** `1:02:03`, `4:05`. */
export function lengthText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function episodeText(series: { title: string; season: number; episode: number } | null): string {
  return series ? `${series.title}, season ${series.season}, episode ${series.episode}` : '';
}
