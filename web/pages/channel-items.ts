/** A channel's verified items, made ready for cards. */
import type { CardItem } from '../cards/item-card.tsx';
import { type ChannelState, itemIdOf } from '../verify/channel-state.ts';

export function channelItems(state: ChannelState): CardItem[] {
  return state.items.map((item) => ({
    id: itemIdOf(item),
    channel: state.id,
    channelName: state.channel?.record.name ?? '',
    title: item.record.title,
    poster: item.record.poster?.toString() ?? null,
    seconds: item.record.durationMs / 1000,
    series: item.record.series,
  }));
}
