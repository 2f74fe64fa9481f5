/** Pictures by CID as object URLs, each verified once and kept while it is among the last few hundred shown. */
import type { CID } from 'multiformats/cid';
import { houseReader } from './reader-for.ts';

const MAX_PICTURE_BYTES = 8 * 1024 * 1024;
const KEPT = 300;

const urls = new Map<string, Promise<string>>();

/** A `blob:` URL of the picture; rejects with WebError when no source has it as signed. */
export function pictureUrl(cid: CID): Promise<string> {
  const key = cid.toString();
  const known = urls.get(key);
  if (known) return known;
  const url = houseReader
    .fileUpTo(cid, MAX_PICTURE_BYTES)
    .then((bytes) => URL.createObjectURL(new Blob([bytes])));
  urls.set(key, url);
  url.catch(() => urls.delete(key));
  forgetOldest();
  return url;
}

function forgetOldest() {
  const [oldest] = urls;
  if (urls.size <= KEPT || oldest === undefined) return;
  urls.delete(oldest[0]);
  oldest[1].then(URL.revokeObjectURL, () => undefined);
}
