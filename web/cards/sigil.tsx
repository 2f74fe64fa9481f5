/** A channel's own sign when it has no logo: a mirror and its beam, turned and coloured by the channel's key. */

/** Hues that stand well on the night: gold, amber, rose, violet, blue, sea. */
const hues = [43, 28, 8, 268, 215, 178];

interface SigilTraits {
  hue: number;
  /** Degrees. */
  angle: number;
  morse: string;
}

/** Pure: the same channel looks the same on every node. */
export function sigilTraits(id: string, name: string): SigilTraits {
  let hash = 2166136261;
  for (const char of id) hash = Math.imul(hash ^ char.charCodeAt(0), 16777619) >>> 0;
  return {
    hue: hues[hash % hues.length] ?? 43,
    angle: -62 + ((hash >>> 8) % 76),
    morse: morseOf(name),
  };
}

export function Sigil({ id, name }: { id: string; name: string }) {
  const { hue, angle, morse } = sigilTraits(id, name);
  const gradient = `g-${id.slice(-12)}`;
  return (
    <svg class="sigil" viewBox="0 0 160 90" preserveAspectRatio="xMidYMid slice" aria-hidden="true">
      <defs>
        <linearGradient id={gradient} x1="0" x2="1">
          <stop offset="0" stop-color={`hsl(${hue} 95% 72%)`} stop-opacity=".85" />
          <stop offset="1" stop-color={`hsl(${hue} 95% 72%)`} stop-opacity="0" />
        </linearGradient>
      </defs>
      <rect width="160" height="90" fill={`hsl(${hue + 200} 45% 11%)`} />
      <g transform={`rotate(${angle} 52 56)`}>
        <path d="M52 48 230 8v96L52 64Z" fill={`url(#${gradient})`} opacity=".55" />
        <path d="M52 53 230 42v28L52 59Z" fill={`url(#${gradient})`} />
      </g>
      <ellipse cx="52" cy="56" rx="15" ry="19" fill={`hsl(${hue} 90% 66%)`} />
      <ellipse cx="48" cy="50" rx="6" ry="9" fill="#fff" opacity=".75" />
      <text x="150" y="82" text-anchor="end" fill={`hsl(${hue} 70% 82%)`} class="sigil-morse">
        {morse}
      </text>
    </svg>
  );
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
