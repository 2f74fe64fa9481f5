/** Items as a gateway lists them, made ready for cards. */
import type { CardItem } from '../cards/item-card.tsx';
import type { Shelves } from '../gateway/catalogue.ts';

export function shelfItems({ channels, items }: Shelves): CardItem[] {
  const names = new Map(channels.map((channel) => [channel.id, channel.name]));
  return items.map((item) => ({
    id: item.id,
    channel: item.channel,
    channelName: names.get(item.channel) ?? '',
    title: item.title,
    poster: item.poster,
    seconds: item.duration,
    series: item.series,
  }));
}
