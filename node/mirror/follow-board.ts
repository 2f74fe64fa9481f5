/** How far each followed channel is, for people to see. */
import type { FollowView } from '../../protocol/api.ts';
import type { Follow, Held } from './follow-store.ts';

interface Progress {
  state: FollowView['state'];
  error: string | null;
  /** Bytes that came for the item under way. */
  coming: number;
}

export interface FollowBoard {
  view(follow: Follow): FollowView;
  report(channel: string, change: Partial<Omit<Progress, 'coming'>>): void;
  /** Adds bytes that came for the item under way. */
  came(channel: string, bytes: number): void;
  /** The item under way ended, well or not. */
  settled(channel: string): void;
  forget(channel: string): void;
  on(listener: (follow: FollowView) => void): () => void;
}

export function createFollowBoard(options: {
  follow: (channel: string) => Follow | undefined;
  held: (channel: string) => Held[];
  channelName: (channel: string) => string | null;
  items: (channel: string) => number;
  flagged: (channel: string) => boolean;
}): FollowBoard {
  const progress = new Map<string, Progress>();
  const listeners = new Set<(follow: FollowView) => void>();
  const of = (channel: string): Progress =>
    progress.get(channel) ?? { state: 'waiting', error: null, coming: 0 };

  function view({ channel, mirror, budget }: Follow): FollowView {
    const held = options.held(channel);
    const { state, error, coming } = of(channel);
    return {
      channel,
      name: options.channelName(channel),
      mirror,
      budget,
      held: held.reduce((sum, { bytes }) => sum + bytes, 0) + coming,
      items: options.items(channel),
      itemsHeld: held.length,
      state: !mirror || options.flagged(channel) ? 'stopped' : state,
      error,
    };
  }

  function change(channel: string, to: Partial<Progress>): void {
    progress.set(channel, { ...of(channel), ...to });
    const follow = options.follow(channel);
    if (follow) for (const listener of listeners) listener(view(follow));
  }

  return {
    view,
    report: change,
    came: (channel, bytes) => change(channel, { coming: of(channel).coming + bytes }),
    settled: (channel) => change(channel, { coming: 0 }),
    forget: (channel) => progress.delete(channel),
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
