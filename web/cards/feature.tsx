/** The newest item, large, beside the greeting of the front page. */
import type { CardItem } from './item-card.tsx';
import { episodeText, lengthText } from './length-text.ts';
import { Picture } from './picture.tsx';
import { Sigil } from './sigil.tsx';

export function Feature({ item }: { item: CardItem }) {
  const line = [item.channelName, episodeText(item.series), lengthText(item.seconds)].filter(Boolean);
  return (
    <a class="card feature" href={`/watch/${item.channel}/${item.id}`}>
      <span class="card-face">
        <Sigil id={item.channel} name={item.channelName} />
        <Picture from={item.poster} alt="" />
        <span class="feature-words">
          <span class="feature-title">{item.title}</span>
          <span class="feature-line">{line.join(' · ')}</span>
        </span>
        <svg class="feature-play" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M8 5.500v13l11-6.500Z" />
        </svg>
      </span>
    </a>
  );
}
