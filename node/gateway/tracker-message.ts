/** What a WebTorrent client says to the tracker, read strictly: anything else is a reason, never an exception. */

const ID_CHARACTERS = 20;
const MAX_OFFERS = 10;
const MAX_OFFER_ID_CHARACTERS = 64;
const MAX_SCRAPE = 64;

export interface Offer {
  offerId: string;
  offer: object;
}

export type TrackerMessage =
  | {
      action: 'announce';
      infoHash: string;
      peerId: string;
      event: 'started' | 'stopped' | 'completed' | 'update';
      complete: boolean;
      offers: Offer[];
    }
  | { action: 'answer'; infoHash: string; peerId: string; toPeerId: string; offerId: string; answer: object }
  | { action: 'scrape'; infoHashes: string[] };

/** `action` and `infoHash` are named in the failure when they could be read, so that a client can place it. */
export interface Refused {
  refused: string;
  action: string;
  infoHash: string | undefined;
}

export function parseTrackerMessage(text: string): TrackerMessage | Refused {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refused: 'that is not JSON', action: 'announce', infoHash: undefined };
  }
  if (!isObject(value)) return { refused: 'a message is an object', action: 'announce', infoHash: undefined };
  if (value.action === 'scrape') return parseScrape(value);
  if (value.action === 'announce') return parseAnnounce(value);
  return { refused: 'action must be announce or scrape', action: 'announce', infoHash: undefined };
}

function parseScrape({ info_hash }: Record<string, unknown>): TrackerMessage | Refused {
  const named = typeof info_hash === 'string' ? [info_hash] : info_hash;
  if (!Array.isArray(named) || named.length === 0 || named.length > MAX_SCRAPE || !named.every(isId)) {
    return { refused: 'name the swarms by info_hash', action: 'scrape', infoHash: undefined };
  }
  return { action: 'scrape', infoHashes: named };
}

function parseAnnounce(value: Record<string, unknown>): TrackerMessage | Refused {
  const { info_hash: infoHash, peer_id: peerId, event, left } = value;
  const refuse = (refused: string) => ({
    refused,
    action: 'announce',
    infoHash: isId(infoHash) ? infoHash : undefined,
  });
  if (!isId(infoHash)) return refuse('info_hash must be 20 characters');
  if (!isId(peerId)) return refuse('peer_id must be 20 characters');
  if (value.answer !== undefined && value.answer !== null) {
    const { answer, to_peer_id: toPeerId, offer_id: offerId } = value;
    if (!isObject(answer)) return refuse('answer must be an object');
    if (!isId(toPeerId)) return refuse('to_peer_id must be 20 characters');
    if (!isOfferId(offerId)) return refuse('offer_id must be a short text');
    return { action: 'answer', infoHash, peerId, toPeerId, offerId, answer };
  }
  const offers = parseOffers(value.offers, value.numwant);
  if (offers === null) return refuse('an offer has an offer and an offer_id');
  const known = event === 'started' || event === 'stopped' || event === 'completed' ? event : 'update';
  const complete = known === 'completed' || left === 0;
  return { action: 'announce', infoHash, peerId, event: known, complete, offers };
}

function parseOffers(offers: unknown, numwant: unknown): Offer[] | null {
  if (offers === undefined || offers === null) return [];
  if (!Array.isArray(offers)) return null;
  const wanted = typeof numwant === 'number' && numwant >= 0 ? Math.floor(numwant) : MAX_OFFERS;
  const read: Offer[] = [];
  for (const each of offers.slice(0, Math.min(wanted, MAX_OFFERS)) as unknown[]) {
    if (!isObject(each) || !isObject(each.offer) || !isOfferId(each.offer_id)) return null;
    read.push({ offer: each.offer, offerId: each.offer_id });
  }
  return read;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Twenty bytes, one character each. */
function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== ID_CHARACTERS) return false;
  for (let i = 0; i < value.length; i++) if (value.charCodeAt(i) > 0xff) return false;
  return true;
}

function isOfferId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_OFFER_ID_CHARACTERS;
}
