/** The verified reader of this page for a set of mirrors, with the browser's own fetch, clock and hashing. */
import { fetchBytes } from '../gateway/fetch-bytes.ts';
import { sha256 } from './sha256.ts';
import { SourceBook } from './source-book.ts';
import { VerifiedReader } from './verified-reader.ts';

/** Mirrors of all channels together that the house reader takes in. */
const MOST_IN_HOUSE = 24;

/** A reader that asks this gateway first and these mirrors when it fails or lies; `onWorking` hears of those that did neither. */
export function readerFor(mirrors: readonly string[], onWorking: (mirror: string) => void): VerifiedReader {
  return reader(new SourceBook(location.origin, mirrors), (base) => {
    if (base !== location.origin) onWorking(base);
  });
}

/** For pictures and other small things of any channel: learns mirrors as channels are opened. */
export const houseReader = reader(new SourceBook(location.origin, [], MOST_IN_HOUSE));

function reader(sources: SourceBook, onWorking?: (base: string) => void): VerifiedReader {
  const now = () => performance.now();
  return new VerifiedReader({ sources, sha256, fetchBytes, now, ...(onWorking && { onWorking }) });
}
