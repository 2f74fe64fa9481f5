/** A channel's own sign when it has no logo: a mirror that flashes from hill to hill, drawn by the channel's key. */

/** Hues of the last light behind the hills: gold, amber, rose, violet, blue, sea. */
const hues = [41, 24, 348, 278, 214, 172];

interface SigilTraits {
  hue: number;
  /** Where the mirror stands and where its flash is caught, in a field of 160 × 90. */
  from: { x: number; y: number };
  to: { x: number; y: number };
  stars: { x: number; y: number; size: number }[];
  morse: string;
}

/** Pure: the same channel looks the same on every node. */
export function sigilTraits(id: string, name: string): SigilTraits {
  const draw = dice(id);
  const hue = hues[draw(hues.length)] ?? 41;
  const from = { x: 26 + draw(30), y: 52 + draw(10) };
  const to = { x: 108 + draw(32), y: 28 + draw(18) };
  const stars = Array.from({ length: 9 }, () => ({ x: draw(160), y: draw(40), size: 0.4 + draw(6) / 10 }));
  return { hue, from, to, stars, morse: morseOf(name) };
}

const flash = 'M0-1.5.2-.2 1.5 0 .2.2 0 1.5-.2.2-1.5 0-.2-.2Z';

export function Sigil({ id, name }: { id: string; name: string }) {
  const { hue, from, to, stars, morse } = sigilTraits(id, name);
  const key = id.slice(-12);
  const light = `hsl(${hue} 100% 82%)`;
  return (
    <svg class="sigil" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <defs>
        <linearGradient id={`sky-${key}`} x1="0" x2="0" y1="0" y2="1">
          <stop offset="0" stop-color={`hsl(${hue + 205} 50% 9%)`} />
          <stop offset=".5" stop-color={`hsl(${hue + 215} 42% 20%)`} />
          <stop offset=".78" stop-color={`hsl(${hue} 62% 46%)`} />
        </linearGradient>
        <linearGradient
          id={`beam-${key}`}
          {...{ x1: from.x, y1: from.y, x2: to.x, y2: to.y }}
          gradientUnits="userSpaceOnUse"
        >
          <stop offset="0" stop-color={light} />
          <stop offset="1" stop-color={light} stop-opacity=".25" />
        </linearGradient>
        <radialGradient id={`glow-${key}`}>
          <stop offset="0" stop-color="#fff" />
          <stop offset=".25" stop-color={light} stop-opacity=".8" />
          <stop offset="1" stop-color={light} stop-opacity="0" />
        </radialGradient>
      </defs>
      <rect width="160" height="90" fill={`url(#sky-${key})`} />
      {stars.map(({ x, y, size }) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r={size} fill="#fff" opacity=".75" />
      ))}
      <path d={hill(to, 16, 70)} fill={`hsl(${hue + 215} 34% 19%)`} />
      <path
        d={`M${from.x} ${from.y - 1.6}L${to.x} ${to.y - 0.5}v1L${from.x} ${from.y + 1.6}Z`}
        fill={`url(#beam-${key})`}
      />
      <path d={hill(from, 26, 78)} fill={`hsl(${hue + 210} 48% 8%)`} />
      <circle cx={from.x} cy={from.y} r="17" fill={`url(#glow-${key})`} />
      <path d={flash} transform={`translate(${from.x} ${from.y}) scale(13)`} fill="#fff" />
      <circle cx={to.x} cy={to.y} r="7" fill={`url(#glow-${key})`} />
      <path d={flash} transform={`translate(${to.x} ${to.y}) scale(4.5)`} fill="#fff" />
      <text x="151" y="82" text-anchor="end" fill={light} class="sigil-morse">
        {morse}
      </text>
    </svg>
  );
}

/** A hill with its top just under this point, falling off to both sides. */
function hill({ x, y }: { x: number; y: number }, steep: number, foot: number): string {
  const top = y + 2;
  return (
    `M0 ${foot}C${x - 2 * steep} ${foot - 4} ${x - steep} ${top} ${x} ${top}` +
    `S${x + steep} ${foot - 10} ${x + 2.4 * steep} ${foot - 6}S150 ${foot + 2} 160 ${foot - 3}V90H0Z`
  );
}

/** Whole numbers below a limit, always the same for one seed. */
function dice(seed: string): (limit: number) => number {
  let state = 2166136261;
  for (const char of seed) state = Math.imul(state ^ char.charCodeAt(0), 16777619) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % limit;
  };
}

const letters: Record<string, string> = {
  a: '·–',
  b: '–···',
  c: '–·–·',
  d: '–··',
  e: '·',
  f: '··–·',
  g: '––·',
  h: '····',
  i: '··',
  j: '·–––',
  k: '–·–',
  l: '·–··',
  m: '––',
  n: '–·',
  o: '–––',
  p: '·––·',
  q: '––·–',
  r: '·–·',
  s: '···',
  t: '–',
  u: '··–',
  v: '···–',
  w: '·––',
  x: '–··–',
  y: '–·––',
  z: '––··',
  0: '–––––',
  1: '·––––',
  2: '··–––',
  3: '···––',
  4: '····–',
  5: '·····',
  6: '–····',
  7: '––···',
  8: '–––··',
  9: '––––·',
};

/** The first letters of a name's first three words, as a heliograph would flash them. */
export function morseOf(name: string): string {
  const plain = name.normalize('NFD').toLowerCase();
  const initials = plain.split(/\s+/).map((word) => /[a-z0-9]/.exec(word)?.[0] ?? '');
  return initials
    .filter((initial) => initial !== '')
    .slice(0, 3)
    .map((initial) => letters[initial])
    .join('  ');
}
