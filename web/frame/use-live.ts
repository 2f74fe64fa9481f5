/** Calls back when the gateway says that something this page shows has changed, at most once in a short while. */
import { useEffect } from 'preact/hooks';
import { type LiveEvent, onLiveEvent } from '../gateway/live-events.ts';

const GATHER_MS = 400;

export function useLive(concerns: (event: LiveEvent) => boolean, act: () => void): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onLiveEvent((event) => {
      if (!concerns(event)) return;
      clearTimeout(timer);
      timer = setTimeout(act, GATHER_MS);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  });
}
