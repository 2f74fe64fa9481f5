/** The page for addresses that lead nowhere. */
import { useTitle } from '../frame/use-title.ts';

export function NotFound() {
  useTitle('Nothing here');
  return (
    <div class="page">
      <section class="empty">
        <h1>Nothing here</h1>
        <p>This address leads to no page. It may have been mistyped, or what it named was taken down.</p>
        <p>
          <a class="button" href="/">
            To the front page
          </a>
        </p>
      </section>
    </div>
  );
}
