/** Names the browser's tab after the page. */
import { useEffect } from 'preact/hooks';

export function useTitle(title: string | null | undefined): void {
  useEffect(() => {
    document.title = title ? `${title} · Heliograph` : 'Heliograph';
  }, [title]);
}
