/** The page where one item plays: found in the channel's signed records, whatever any gateway says. */
import { useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { ItemCard } from '../cards/item-card.tsx';
import { episodeText, lengthText } from '../cards/length-text.ts';
import { Sigil } from '../cards/sigil.tsx';
import { Failure } from '../frame/notice.tsx';
import { useLive } from '../frame/use-live.ts';
import { useLoaded } from '../frame/use-loaded.ts';
import { useTitle } from '../frame/use-title.ts';
import { channelItems } from '../pages/channel-items.ts';
import { ChannelWarnings } from '../pages/channel-warnings.tsx';
import type { ChannelState } from '../verify/channel-state.ts';
import { type OpenedItem, openItem } from '../verify/open-item.ts';
import { mirrorBases, readChannel } from '../verify/read-channel.ts';
import { Theatre } from './theatre.tsx';

const MORE = 8;

export function WatchPage() {
  const { channel = '', item = '' } = useRoute().params;
  const { value, error, loading, reload } = useLoaded(`${channel}/${item}`, (signal) =>
    openItem(channel, item, signal),
  );
  useTitle(value?.item.record.title);
  return (
    <div class="page page-watch">
      {error !== null && value === null && <Failure title="This cannot play" error={error} retry={reload} />}
      {loading && <div class="stage stage-to-come" aria-busy="true" />}
      {value && (
        <>
          <Theatre key={value.read.cid.toString()} id={item} opened={value} />
          <About key={item} opened={value} id={item} />
        </>
      )}
    </div>
  );
}

function About({ opened, id }: { opened: OpenedItem; id: string }) {
  const { record } = opened.item;
  const latest = useLatestState(opened);
  const facts = [
    episodeText(record.series),
    lengthText(record.durationMs / 1000),
    new Date(record.at).toLocaleDateString('en', { year: 'numeric', month: 'long', day: 'numeric' }),
  ].filter(Boolean);
  const channelName = latest.channel?.record.name ?? '';
  const more = channelItems(latest).filter((other) => other.id !== id);
  return (
    <>
      <ChannelWarnings state={latest} />
      <section class="about">
        <h1>{record.title}</h1>
        <p class="facts">{facts.join(' · ')}</p>
        <a class="from-channel" href={`/channels/${latest.id}`}>
          <Sigil id={latest.id} name={channelName} />
          <span>{channelName}</span>
        </a>
        {record.description && <p class="prose">{record.description}</p>}
        {record.credits && <p class="prose credits">{record.credits}</p>}
      </section>
      {more.length > 0 && (
        <section class="shelf">
          <h2>More from {channelName}</h2>
          <div class="grid">
            {more.slice(0, MORE).map((other) => (
              <ItemCard key={other.id} item={other} showChannel={false} />
            ))}
          </div>
        </section>
      )}
    </>
  );
}

/** The channel as it changes while the film plays on undisturbed; mirrors that come are asked from then on. */
function useLatestState({ state: first, reader }: OpenedItem): ChannelState {
  const [latest, setLatest] = useState(first);
  useLive(
    (event) => ('channel' in event ? event.channel : event.id) === first.id,
    () => {
      const take = (state: ChannelState) => {
        for (const base of mirrorBases(state)) reader.sources.add(base);
        if (state.channel) setLatest(state);
      };
      readChannel(first.id).then(take, () => undefined);
    },
  );
  return latest;
}
