/** Asks this gateway and the mirrors met earlier for a channel's signed records, and settles what is true. */
import { errorCode, WebError } from '../errors.ts';
import { getJson } from '../gateway/catalogue.ts';
import { type ChannelState, channelState, type RecordBatch } from './channel-state.ts';
import { chooseMirrors, MOST_MIRRORS } from './choose-mirrors.ts';
import { houseReader } from './reader-for.ts';
import { SeenMemory } from './seen-memory.ts';
import { usableBases } from './source-book.ts';

/** Mirrors asked beside the own gateway. */
const SECOND_OPINIONS = 2;
/** How much longer than the own gateway they may take, in milliseconds. */
const GRACE_MS = 1_500;

export const memory = new SeenMemory(localStorage);
/** Decides for this page, and unforeseeably for anyone else, which strangers are asked. */
export const pageSeed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;

/** The channel as its publisher signed it. Throws WebError when no source has a record of it. */
export async function readChannel(id: string, signal?: AbortSignal): Promise<ChannelState> {
  const others = chosen(id, [], SECOND_OPINIONS);
  const own = readRecords(location.origin, id, signal);
  const opinions = others.map((base) => secondOpinion(base, id, signal));
  const [first, ...rest] = await Promise.all([
    own.catch((error: unknown) => error),
    ...opinions.map((opinion) => settled(opinion, own)),
  ]);
  const batches = [first, ...rest].filter((batch): batch is RecordBatch => isBatch(batch));
  const state = channelState(id, batches, { now: Date.now(), seen: memory.seen(id) });
  if (state.channel === null && !state.deleted) {
    if (!isBatch(first) && errorCode(first) !== 'not-found') throw first;
    throw new WebError('not-found', `no true record of channel ${id}`);
  }
  for (const { source, records } of rest.filter(isBatch)) {
    const refused = state.refused.filter((refusal) => refusal.source === source).length;
    if (refused < records.length) memory.rememberWorking(id, source);
  }
  memory.rememberSeen(id, state.seen);
  const bases = mirrorBases(state);
  memory.rememberMirrors(id, bases);
  for (const base of bases) houseReader.sources.add(base);
  return state;
}

/** HTTP bases to ask, at most 8: of the channel's living mirrors that this page can use, and of those met before. */
export function mirrorBases(state: ChannelState): string[] {
  const named = state.mirrors.flatMap(({ record }) => record.http);
  return chosen(state.id, named, MOST_MIRRORS);
}

function chosen(id: string, named: readonly string[], most: number): string[] {
  const working = usableBases(memory.working(id), location);
  const bases = usableBases([...named, ...memory.mirrors(id), ...working], location);
  return chooseMirrors(bases, { working, most, seed: pageSeed });
}

async function secondOpinion(base: string, id: string, signal?: AbortSignal): Promise<RecordBatch | null> {
  try {
    return await readRecords(base, id, signal);
  } catch (error) {
    if (errorCode(error) !== 'stopped') memory.forgetWorking(id, base);
    return null;
  }
}

async function readRecords(base: string, id: string, signal?: AbortSignal): Promise<RecordBatch> {
  const body = await getJson(`${base}/api/v1/records/${encodeURIComponent(id)}`, signal);
  const list = (body as { records?: unknown } | null)?.records;
  if (!Array.isArray(list)) throw new WebError('not-valid', `${base} gave no records`);
  return { source: base, records: list.map((text) => bytesOf(String(text))) };
}

/** The opinion when it comes before, or soon after, the own gateway's answer. */
async function settled<T>(opinion: Promise<T>, own: Promise<unknown>): Promise<T | null> {
  const late = own.then(wait, () => opinion) as Promise<T | null>;
  return Promise.race([opinion, late]);
}

function wait(): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), GRACE_MS));
}

function isBatch(value: unknown): value is RecordBatch {
  return typeof value === 'object' && value !== null && 'records' in value;
}

function bytesOf(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
