/** The bar at the top: the name, the way home, and the search box. */

import { useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Mark } from './mark.tsx';

export function Header() {
  const { route, query, path } = useLocation();
  const box = useRef<HTMLInputElement>(null);
  const search = (event: Event) => {
    event.preventDefault();
    const words = box.current?.value.trim() ?? '';
    if (words !== '') route(`/search?q=${encodeURIComponent(words)}`);
  };
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Heliograph, front page">
        <Mark />
        <span>Heliograph</span>
      </a>
      <search>
        <form class="find" action="/search" onSubmit={search}>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <circle cx="10.5" cy="10.5" r="6.5" />
            <path d="m15.5 15.5 5 5" />
          </svg>
          <input
            ref={box}
            type="search"
            name="q"
            aria-label="Search films and channels"
            placeholder="Search films and channels"
            autoComplete="off"
            maxLength={200}
            defaultValue={path === '/search' ? (query.q ?? '') : ''}
          />
        </form>
      </search>
    </header>
  );
}
