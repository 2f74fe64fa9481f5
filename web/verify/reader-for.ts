/** The verified reader of this page for a set of mirrors, with the browser's own fetch, clock and hashing. */
import { fetchBytes } from '../gateway/fetch-bytes.ts';
import { sha256 } from './sha256.ts';
import { SourceBook } from './source-book.ts';
import { VerifiedReader } from './verified-reader.ts';

/** A reader that asks this gateway first and these mirrors when it fails or lies. */
export function readerFor(mirrors: readonly string[]): VerifiedReader {
  const sources = new SourceBook(location.origin, mirrors);
  return new VerifiedReader({ sources, sha256, fetchBytes, now: () => performance.now() });
}

/** For pictures and other small things of any channel: learns mirrors as channels are opened. */
export const houseReader = readerFor([]);
