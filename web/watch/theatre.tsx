/** The player on its stage, and under it what it does: the live line, the meter, the choice to share. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Notice } from '../frame/notice.tsx';
import { isRemoteControl } from '../frame/spatial-focus.ts';
import { createPlayer, type Player, type PlayerParts } from '../player/create-player.ts';
import type { PlayerStats } from '../player/player-stats.ts';
import { publishStats } from '../player/public-stats.ts';
import { keepResume, readResume } from '../player/resume.ts';
import { keepSharing, readSharing, type SharingMode } from '../player/sharing.ts';
import { trackerUrls } from '../player/trackers.ts';
import type { OpenedItem } from '../verify/open-item.ts';
import { pictureUrl } from '../verify/picture-url.ts';
import { pageSeed } from '../verify/read-channel.ts';
import { DeliveryMeter } from './delivery-meter.tsx';
import { SharingChoice } from './sharing-choice.tsx';
import '../look/player.css';

const TICK_MS = 1_000;
const RESUME_EVERY_S = 5;

type Trouble = Parameters<PlayerParts['onTrouble']>[0];

export function Theatre({ id, opened }: { id: string; opened: OpenedItem }) {
  const stage = useRef<HTMLDivElement>(null);
  const player = useRef<Player | null>(null);
  const [stats, setStats] = useState<PlayerStats | null>(null);
  const [trouble, setTrouble] = useState<Trouble>(null);
  const [sharing, setSharing] = useState(() => readSharing(localStorage));
  useEffect(() => {
    if (stage.current === null) return undefined;
    const made = createPlayer({
      container: stage.current,
      title: opened.item.record.title,
      item: opened.read,
      reader: opened.reader,
      trackers: trackerUrls(
        id,
        opened.state.mirrors.flatMap(({ record }) => record.trackers),
        location,
        pageSeed,
      ),
      sharing,
      startAt: readResume(localStorage, id),
      arrowsLeave: isRemoteControl(),
      onTime: resumeKeeper(id),
      onTrouble: setTrouble,
    });
    player.current = made;
    const poster = opened.item.record.poster;
    if (poster) pictureUrl(poster).then(made.setPoster, () => undefined);
    const takeAway = publishStats(made.stats);
    const ticker = setInterval(() => setStats(made.stats()), TICK_MS);
    return () => {
      clearInterval(ticker);
      takeAway();
      made.destroy();
      player.current = null;
    };
  }, []);
  const choose = (mode: SharingMode) => {
    keepSharing(localStorage, mode);
    setSharing(mode);
    player.current?.setSharing(mode);
  };
  return (
    <>
      <div class="stage" ref={stage} />
      <TroubleNotice trouble={trouble} />
      <section class="under" aria-label="Where it comes from">
        <DeliveryMeter stats={stats} />
        <SharingChoice mode={sharing} onChoose={choose} />
      </section>
    </>
  );
}

function TroubleNotice({ trouble }: { trouble: Trouble }) {
  if (trouble === null) return null;
  if (trouble === 'unsupported') {
    return (
      <Notice tone="warn" title="This browser cannot play checked video">
        A current Chrome, Firefox, Edge or Safari can.
      </Notice>
    );
  }
  return trouble === 'waiting' ? (
    <Notice title="Looking for a true copy">
      No node or viewer that was asked gave the next piece as it was signed. The player goes on asking.
    </Notice>
  ) : (
    <Notice tone="warn" title="The player gave up">
      Reload the page to try again.
    </Notice>
  );
}

function resumeKeeper(id: string): PlayerParts['onTime'] {
  let kept = Number.NEGATIVE_INFINITY;
  return (at, duration) => {
    if (Math.abs(at - kept) < RESUME_EVERY_S || duration === 0) return;
    kept = at;
    keepResume(localStorage, id, at, duration);
  };
}
