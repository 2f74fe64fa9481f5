/** A channel on a shelf. */
import type { ChannelView } from '../../protocol/api.ts';
import { Picture } from './picture.tsx';
import { Sigil } from './sigil.tsx';

export function ChannelCard({ channel }: { channel: ChannelView }) {
  return (
    <a class="card channel-card" href={`/channels/${channel.id}`}>
      <span class="card-face">
        <Sigil id={channel.id} name={channel.name} />
        <Picture from={channel.logo} alt="" />
      </span>
      <span class="card-title">{channel.name}</span>
      <span class="card-line">
        {countText(channel.items, 'film', 'films')} · {mirrorsText(channel.mirrors.length)}
      </span>
    </a>
  );
}

export function countText(count: number, one: string, many: string): string {
  return count === 1 ? `1 ${one}` : `${count === 0 ? 'no' : count.toLocaleString('en')} ${many}`;
}

export function mirrorsText(count: number): string {
  return count === 0 ? 'no mirror yet' : countText(count, 'mirror', 'mirrors');
}
