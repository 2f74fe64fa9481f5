/** The sign of the house: a mirror on its tripod, catching the sun. */

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 64 64" aria-hidden="true">
      <path class="mark-legs" d="m27 44-10 16m10-16 1 17m-1-17 13 15" />
      <circle class="mark-rim" cx="27" cy="29" r="17" />
      <circle class="mark-mirror" cx="27" cy="29" r="13" />
      <path
        class="mark-flash"
        d="M43 1c1.5 9 4 11.500 13 13-9 1.500-11.500 4-13 13-1.500-9-4-11.500-13-13 9-1.500 11.500-4 13-13Z"
      />
    </svg>
  );
}
