/** An item on a shelf: its poster, length and title, and the way to watch it. */
import { Picture } from './picture.tsx';
import { Sigil } from './sigil.tsx';

export interface CardItem {
  id: string;
  channel: string;
  channelName: string;
  title: string;
  /** CID, or a path of this gateway. */
  poster: string | null;
  seconds: number;
  series: { title: string; season: number; episode: number } | null;
}

export function ItemCard({ item, showChannel }: { item: CardItem; showChannel: boolean }) {
  const line = [episodeText(item.series), showChannel ? item.channelName : ''].filter(Boolean).join(' · ');
  return (
    <a class="card item-card" href={`/watch/${item.channel}/${item.id}`}>
      <span class="card-face">
        <Sigil id={item.channel} name={item.channelName} />
        <Picture from={item.poster} alt="" />
        {item.seconds > 0 && <span class="card-length">{lengthText(item.seconds)}</span>}
      </span>
      <span class="card-title">{item.title}</span>
      {line && <span class="card-line">{line}</span>}
    </a>
  );
}

/** `1:02:03`, `4:05`. */
export function lengthText(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

export function episodeText(series: CardItem['series']): string {
  return series ? `${series.title}, season ${series.season}, episode ${series.episode}` : '';
}
