/** Which addresses named by strangers a page may turn to: a public page never reaches into its viewer's own network. Pure. */

/** Names that lead into a machine or a local network and never to the internet. */
const LOCAL_NAMES = ['localhost', 'local', 'internal', 'lan', 'home.arpa'];

/**
 * Whether a host name as `URL` spells it (numbers normalised, IPv6 in brackets) is this machine's or a local network's.
 * A public name that resolves to a private address cannot be told here: that is the browser's to refuse.
 */
export function isLocalHost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, '');
  if (name.startsWith('[')) return isLocalIpv6(ipv6Groups(name.slice(1, -1)));
  const bytes = ipv4Bytes(name);
  if (bytes !== null) return isLocalIpv4(bytes);
  // A name without a dot is found by the local network's resolver only.
  return !name.includes('.') || LOCAL_NAMES.some((local) => name.endsWith(`.${local}`));
}

/** Whether a page of this origin may use an address that a stranger named: on a local page all, else only public ones. */
export function mayTurnTo(url: URL, page: { origin: string }): boolean {
  return !isLocalHost(url.hostname) || isLocalHost(new URL(page.origin).hostname);
}

function ipv4Bytes(name: string): number[] | null {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? name.split('.').map(Number) : null;
}

function isLocalIpv4([a = 0, b = 0]: readonly number[]): boolean {
  if ([0, 10, 127].includes(a) || a >= 224) return true;
  if (a === 100) return b >= 64 && b < 128;
  if (a === 172) return b >= 16 && b < 32;
  return (a === 169 && b === 254) || (a === 192 && b === 168) || (a === 198 && (b === 18 || b === 19));
}

/** The eight numbers of an address as `URL` writes it: hexadecimal, at most one `::`. */
function ipv6Groups(text: string): number[] {
  const [head = '', tail] = text.split('::').map((part) => part.split(':').filter(Boolean));
  const left = [...head].map((group) => Number.parseInt(group, 16));
  const right = [...(tail ?? [])].map((group) => Number.parseInt(group, 16));
  return [...left, ...Array<number>(Math.max(0, 8 - left.length - right.length)).fill(0), ...right];
}

function isLocalIpv6(groups: readonly number[]): boolean {
  const [first = 0, second = 0, third = 0] = groups;
  const [high = 0, low = 0] = groups.slice(6);
  const bytesOf = (a: number, b: number) => [a >> 8, a & 255, b >> 8, b & 255];
  // IPv4 in disguise (::, ::ffff:, the two NAT64 prefixes, 6to4) is judged as what it leads to.
  const zeroUntil = groups.findIndex((group) => group !== 0);
  if (zeroUntil === -1 || zeroUntil >= 6) return isLocalIpv4(bytesOf(high, low));
  if (zeroUntil === 5 && groups[5] === 0xffff) return isLocalIpv4(bytesOf(high, low));
  if (first === 0x64 && second === 0xff9b) return third === 1 || isLocalIpv4(bytesOf(high, low));
  if (first === 0x2002) return isLocalIpv4(bytesOf(second, third));
  return (first & 0xfe00) === 0xfc00 || (first & 0xff80) === 0xfe80 || first >= 0xff00;
}
