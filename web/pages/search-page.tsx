/** Films and channels whose words match what was asked for. */
import { useLocation } from 'preact-iso';
import { ChannelCard } from '../cards/channel-card.tsx';
import { ItemCard } from '../cards/item-card.tsx';
import { Shelf, ShelfToCome } from '../cards/shelf.tsx';
import { Failure } from '../frame/notice.tsx';
import { useLive } from '../frame/use-live.ts';
import { useLoaded } from '../frame/use-loaded.ts';
import { useTitle } from '../frame/use-title.ts';
import { readShelves, type Shelves } from '../gateway/catalogue.ts';
import { shelfItems } from './shelf-items.ts';

export function SearchPage() {
  const asked = useLocation().query.q ?? '';
  useTitle(`Search for ${asked}`);
  const { value, error, loading, reload } = useLoaded('shelves', readShelves);
  useLive(() => true, reload);
  const found = value && searchShelves(value, asked);
  return (
    <div class="page">
      <h1 class="page-title">“{asked}”</h1>
      {error !== null && value === null && (
        <Failure title="The search did not work" error={error} retry={reload} />
      )}
      {loading && <ShelfToCome title="Searching" />}
      {found && found.channels.length + found.items.length === 0 && (
        <section class="empty">
          <h2>Nothing found</h2>
          <p>No film or channel that this node knows has these words. Try fewer, or other ones.</p>
        </section>
      )}
      {found && found.items.length > 0 && (
        <Shelf title="Films">
          {shelfItems(found).map((item) => (
            <ItemCard key={item.id} item={item} showChannel />
          ))}
        </Shelf>
      )}
      {found && found.channels.length > 0 && (
        <Shelf title="Channels">
          {found.channels.map((channel) => (
            <ChannelCard key={channel.id} channel={channel} />
          ))}
        </Shelf>
      )}
    </div>
  );
}

/** What has every asked word somewhere in its texts; accents and capitals do not count. */
export function searchShelves({ channels, items }: Shelves, asked: string): Shelves {
  const words = plain(asked).split(/\s+/).filter(Boolean);
  const matches = (...texts: (string | null | undefined)[]) => {
    const text = plain(texts.join(' '));
    return words.length > 0 && words.every((word) => text.includes(word));
  };
  const all = new Map(channels.map((channel) => [channel.id, channel]));
  const found = {
    channels: channels.filter((c) => matches(c.name, c.description, c.categories.join(' '))),
    items: items.filter((i) => matches(i.title, i.description, i.credits, i.series?.title)),
  };
  // Cards name the channel of each film, so channels of found films are looked up among all.
  const named = found.items.map((item) => all.get(item.channel)).filter((c) => c !== undefined);
  return { items: found.items, channels: [...new Set([...found.channels, ...named])] };
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
