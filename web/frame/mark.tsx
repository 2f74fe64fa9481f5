/** The sign of the house: a mirror on its tripod, flashing sunlight. */

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <path class="mark-beam" d="M27 27 64 2v23L33 36Z" />
      <ellipse class="mark-mirror" cx="27" cy="31" rx="12.5" ry="15" transform="rotate(-24 27 31)" />
      <path class="mark-legs" d="m28 46-9 13m9-13 1 14m-1-14 11 12" />
    </svg>
  );
}
