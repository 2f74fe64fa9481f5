/** Items as a gateway lists them, made ready for cards. */
import type { ChannelView, ItemView } from '../../protocol/api.ts';
import type { CardItem } from '../cards/item-card.tsx';

export function shelfItems(items: readonly ItemView[], names: ReadonlyMap<string, string>): CardItem[] {
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

export function channelNames(channels: readonly ChannelView[]): Map<string, string> {
  return new Map(channels.map((channel) => [channel.id, channel.name]));
}
