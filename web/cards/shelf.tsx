/** A titled grid of cards, and the same grid while it is still empty. */
import type { ComponentChildren } from 'preact';

export function Shelf({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="shelf">
      <h2>{title}</h2>
      <div class="grid">{children}</div>
    </section>
  );
}

export function ShelfToCome({ title }: { title: string }) {
  return (
    <section class="shelf" aria-busy="true">
      <h2>{title}</h2>
      <div class="grid" aria-hidden="true">
        {[1, 2, 3, 4].map((place) => (
          <span key={place} class="card card-to-come">
            <span class="card-face" />
          </span>
        ))}
      </div>
    </section>
  );
}
