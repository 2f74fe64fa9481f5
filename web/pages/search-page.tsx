/** Films and channels whose words match what was asked for. */
import { useLocation } from 'preact-iso';
import { ChannelCard } from '../cards/channel-card.tsx';
import { ItemCard } from '../cards/item-card.tsx';
import { Shelf, ShelfToCome } from '../cards/shelf.tsx';
import { Failure } from '../frame/notice.tsx';
import { useLive } from '../frame/use-live.ts';
import { useLoaded } from '../frame/use-loaded.ts';
import { useTitle } from '../frame/use-title.ts';
import { searchShelves } from '../gateway/catalogue.ts';
import { shelfItems } from './shelf-items.ts';

export function SearchPage() {
  const asked = useLocation().query.q ?? '';
  useTitle(`Search for ${asked}`);
  const {
    value: found,
    error,
    loading,
    reload,
  } = useLoaded(`search ${asked}`, (signal) => searchShelves(asked, signal));
  useLive(({ type }) => type !== 'mirror', reload);
  return (
    <div class="page">
      <h1 class="page-title">“{asked}”</h1>
      {error !== null && found === null && (
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
          {shelfItems(found.items, found.names).map((item) => (
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
