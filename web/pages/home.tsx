/** The front page: what is new, and which channels there are. */
import { ChannelCard } from '../cards/channel-card.tsx';
import { Feature } from '../cards/feature.tsx';
import { ItemCard } from '../cards/item-card.tsx';
import { Shelf, ShelfToCome } from '../cards/shelf.tsx';
import { Failure } from '../frame/notice.tsx';
import { useLive } from '../frame/use-live.ts';
import { useLoaded } from '../frame/use-loaded.ts';
import { useTitle } from '../frame/use-title.ts';
import { readShelves } from '../gateway/catalogue.ts';
import { channelNames, shelfItems } from './shelf-items.ts';

const NEWEST = 12;

export function Home() {
  useTitle(null);
  const { value, error, loading, reload } = useLoaded('shelves', readShelves);
  useLive(() => true, reload);
  const [newest, ...more] = value ? shelfItems(value.items, channelNames(value.channels)) : [];
  const others = more.slice(0, NEWEST);
  return (
    <div class="page">
      <section class={newest ? 'hail hail-wide' : 'hail'}>
        <div>
          <h1>Carried by light, from mirror to mirror.</h1>
          <p>
            Films and channels come from the people around you, and every second is checked against its
            publisher’s signature.
          </p>
        </div>
        {newest && <Feature item={newest} />}
      </section>
      {error !== null && value === null && (
        <Failure title="The shelves did not come" error={error} retry={reload} />
      )}
      {loading && <ShelfToCome title="New" />}
      {value && value.channels.length === 0 && <NoChannels />}
      {others.length > 0 && (
        <Shelf title="New">
          {others.map((item) => (
            <ItemCard key={item.id} item={item} showChannel />
          ))}
        </Shelf>
      )}
      {value && value.channels.length > 0 && (
        <Shelf title="Channels">
          {value.channels.map((channel) => (
            <ChannelCard key={channel.id} channel={channel} />
          ))}
        </Shelf>
      )}
    </div>
  );
}

function NoChannels() {
  return (
    <section class="empty">
      <h2>No channels yet</h2>
      <p>
        As soon as this node hears of a channel it stands here, without a reload. On the node’s own machine
        you can follow somebody’s channel or publish a film of your own:
      </p>
      <pre>
        <code>
          {'npx heliograph follow CHANNEL --mirror\n'}
          {'npx heliograph channel create "My channel"\n'}
          {'npx heliograph publish CHANNEL film.mp4'}
        </code>
      </pre>
    </section>
  );
}
