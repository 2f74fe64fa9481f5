/** Loads something for a page, again when asked, and keeps showing the last good answer meanwhile. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { errorCode } from '../errors.ts';

export interface Loaded<T> {
  value: T | null;
  error: unknown;
  loading: boolean;
  reload: () => void;
}

/** `key` says what is loaded: a new key starts anew, the same key keeps the value. */
export function useLoaded<T>(key: string, load: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value: T | null; error: unknown }>(empty(key));
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setState((old) => (old.key === key ? old : empty(key)));
    load(stop.signal).then(
      (value) => !stop.signal.aborted && setState({ key, value, error: null }),
      (error: unknown) => {
        if (stop.signal.aborted || errorCode(error) === 'stopped') return;
        setState((old) => ({ key, value: old.key === key ? old.value : null, error }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((before) => before + 1), []);
  const current = state.key === key ? state : empty<T>(key);
  return { ...current, loading: current.value === null && current.error === null, reload };
}

function empty<T>(key: string): { key: string; value: T | null; error: unknown } {
  return { key, value: null, error: null };
}
