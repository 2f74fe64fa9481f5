/** One channel: who it is, what it carries, and how many mirrors hold it; all from its signed records. */
import { useRoute } from 'preact-iso';
import { countText, mirrorsText } from '../cards/channel-card.tsx';
import { ItemCard } from '../cards/item-card.tsx';
import { Picture } from '../cards/picture.tsx';
import { Shelf, ShelfToCome } from '../cards/shelf.tsx';
import { Sigil } from '../cards/sigil.tsx';
import { Failure } from '../frame/notice.tsx';
import { useLive } from '../frame/use-live.ts';
import { useLoaded } from '../frame/use-loaded.ts';
import { useTitle } from '../frame/use-title.ts';
import type { ChannelState } from '../verify/channel-state.ts';
import { readChannel } from '../verify/read-channel.ts';
import { channelItems } from './channel-items.ts';
import { ChannelWarnings } from './channel-warnings.tsx';

export function ChannelPage() {
  const id = useRoute().params.channel ?? '';
  const { value, error, loading, reload } = useLoaded(id, (signal) => readChannel(id, signal));
  useLive((event) => ('channel' in event ? event.channel : event.id) === id, reload);
  useTitle(value?.channel?.record.name);
  return (
    <div class="page">
      {error !== null && value === null && (
        <Failure title="This channel did not come" error={error} retry={reload} />
      )}
      {loading && <ShelfToCome title="Opening the channel" />}
      {value && <Channel state={value} />}
    </div>
  );
}

function Channel({ state }: { state: ChannelState }) {
  const record = state.channel?.record;
  if (record === undefined) {
    return (
      <section class="empty">
        <h1>This channel has ended</h1>
        <p>Its publisher signed it off for good.</p>
      </section>
    );
  }
  const about = [
    countText(state.items.length, 'film', 'films'),
    mirrorsText(state.mirrors.length),
    ...record.categories,
  ];
  return (
    <>
      <section class="channel-head">
        <span class="channel-face">
          <Sigil id={state.id} name={record.name} />
          <Picture from={record.logo?.toString() ?? null} alt="" />
        </span>
        <div>
          <h1>{record.name}</h1>
          <p class="facts">{about.join(' · ')}</p>
          {record.description && <p class="prose">{record.description}</p>}
          <p class="channel-id">
            <span>Channel</span> <code>{state.id}</code>
          </p>
        </div>
      </section>
      <ChannelWarnings state={state} />
      {state.items.length === 0 ? (
        <section class="empty">
          <h2>Nothing on this channel yet</h2>
          <p>What its publisher adds appears here without a reload.</p>
        </section>
      ) : (
        <Shelf title="On this channel">
          {channelItems(state).map((item) => (
            <ItemCard key={item.id} item={item} showChannel={false} />
          ))}
        </Shelf>
      )}
    </>
  );
}
