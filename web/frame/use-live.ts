/** Calls back when the gateway says that something this page shows has changed, at most once in a short while. */
import { useEffect, useRef } from 'preact/hooks';
import { type LiveEvent, onLiveEvent } from '../gateway/live-events.ts';

const GATHER_MS = 400;

/** One subscription for as long as the page stands; the callbacks may be new at every rendering. */
export function useLive(concerns: (event: LiveEvent) => boolean, act: () => void): void {
  const latest = useRef({ concerns, act });
  latest.current = { concerns, act };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLiveEvent((event) => {
      if (!latest.current.concerns(event)) return;
      clearTimeout(timer);
      timer = setTimeout(() => latest.current.act(), GATHER_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, []);
}
