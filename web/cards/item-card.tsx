/** An item on a shelf: its poster, length and title, and the way to watch it. */
import { episodeText, lengthText } from './length-text.ts';
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
