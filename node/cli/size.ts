/** Sizes of data as people write and read them: decimal units, as disks are sold. */
import { InvalidArgumentError } from 'commander';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$/i;
const POWERS = ['', 'k', 'm', 'g', 't', 'p'];

/** `1536` → `1.5 kB`: three digits at most, decimal units. */
export function formatSize(bytes: number): string {
  let power = 0;
  let value = bytes;
  while (value >= 999.5 && power < UNITS.length - 1) {
    value /= 1000;
    power += 1;
  }
  const digits = power === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${UNITS[power]}`;
}

/** Bytes in `20GB`, `1.5 TiB`, `500M` (decimal unless `i` is there) or `1000`. Throws `InvalidArgumentError`. */
export function parseSize(text: string): number {
  const match = SIZE.exec(text.trim());
  const bytes = match
    ? Math.round(
        Number(match[1]) * (match[3] ? 1024 : 1000) ** POWERS.indexOf((match[2] ?? '').toLowerCase()),
      )
    : Number.NaN;
  // `5i` reads like a unit and is none.
  const nonsense = match?.[3] && !match[2];
  if (!Number.isSafeInteger(bytes) || nonsense) {
    throw new InvalidArgumentError('Write a size like 20GB, 500MB or 1.5TiB.');
  }
  return bytes;
}
