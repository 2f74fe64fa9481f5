/** Blocks from other nodes by bitswap: one node is asked at a time, the next when it has not or is slow. */
import type { Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Helia } from 'helia';
import type { CID } from 'multiformats/cid';
import { MAX_BLOCK_BYTES } from '../../protocol/constants.ts';
import { HeliographError } from '../errors.ts';
import type { BlockFiles } from './block-files.ts';

const BITSWAP = '/ipfs/bitswap/1.2.0';
/** A node that has not answered for so long gets company: the next one is asked too. Doubles once. */
const PATIENCE_MS = 2_000;
const MOST_PATIENCE_MS = 4_000;
/** Named by anyone, and perhaps long dead: so many that we are not connected to are tried for one block. */
const MOST_STRANGERS = 6;
const MOST_ADDRESSES = 8;
/** The longest wait for one block, whatever signal the caller has. */
const LIMIT_MS = 120_000;

/** A node that may have blocks: a peer id, one address or several, as text or parsed. */
export type Provider = string | PeerId | Multiaddr | Multiaddr[];

export interface FetchOptions {
  /** Ends the wait: `timeout` when its reason is a TimeoutError, else `cancelled`. */
  signal?: AbortSignal | undefined;
  /** What is not here is asked for: `true` asks the connected nodes, a list asks these first. Default: not asked. */
  fetch?: boolean | readonly Provider[] | undefined;
}

type Candidate = CID | Multiaddr[];

export class BlockFetch {
  readonly #helia: Helia;
  readonly #blocks: BlockFiles;
  readonly #libp2p: Libp2p | null;
  readonly #running = new Map<string, Promise<Uint8Array>>();
  #turn = 0;

  constructor(options: { helia: Helia; blocks: BlockFiles; libp2p: Libp2p | null }) {
    this.#helia = options.helia;
    this.#blocks = options.blocks;
    this.#libp2p = options.libp2p;
  }

  /** The block, verified and stored. Two who want one block at one time share what comes. */
  async fetch(cid: CID, options: FetchOptions): Promise<Uint8Array> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
    const key = cid.toString();
    const running = this.#running.get(key);
    if (running !== undefined) {
      const shared = await untilAborted(running, signal).catch(() => null);
      if (shared !== null) return shared;
      // The other may have been cancelled, or have asked other nodes.
    }
    const run = this.#ask(cid, options.fetch ?? true, signal);
    this.#running.set(key, run);
    try {
      return await run;
    } finally {
      if (this.#running.get(key) === run) this.#running.delete(key);
    }
  }

  async #ask(cid: CID, from: boolean | readonly Provider[], signal: AbortSignal): Promise<Uint8Array> {
    let candidates = await this.#candidates(Array.isArray(from) ? from : []);
    const ended = new AbortController();
    const all = AbortSignal.any([signal, ended.signal]);
    const pending = new Map<Promise<Uint8Array | null>, Candidate>();
    try {
      for (
        let patience = PATIENCE_MS;
        candidates.length + pending.size > 0;
        patience = Math.min(2 * patience, MOST_PATIENCE_MS)
      ) {
        const candidate = candidates.shift();
        if (candidate !== undefined) {
          const attempt = this.#askOne(cid, candidate, all).catch(() => null);
          pending.set(attempt, candidate);
          attempt.then(() => pending.delete(attempt));
        }
        const block = await firstBlock(pending.keys(), patience, all);
        if (block !== null) return block;
        if (all.aborted) break;
        // An answer can be lost without an error: those still silent when everyone was asked are asked again.
        if (candidates.length === 0) candidates = [...pending.values()];
      }
    } finally {
      ended.abort();
    }
    if (signal.aborted) throw waitError(signal, cid);
    throw new HeliographError('not-found', `no node asked has block ${cid}`);
  }

  async #askOne(cid: CID, candidate: Candidate, signal: AbortSignal): Promise<Uint8Array> {
    // One provider a session: a session of several asks them all at once, and each sends the block.
    const session = this.#helia.blockstore.createSession(cid, {
      providers: [candidate],
      minProviders: 1,
      maxProviders: 1,
    });
    try {
      for await (const block of session.get(cid, { signal })) {
        if (block.byteLength <= MAX_BLOCK_BYTES) return block;
        await this.#blocks.delete(cid);
        throw new HeliographError('too-large', `block ${cid} of ${block.byteLength} bytes passes 1 MiB`);
      }
      throw new HeliographError('not-found', `block ${cid} came empty`);
    } finally {
      session.close();
    }
  }

  /** Connected nodes first, the named before those that merely speak bitswap; then a few of the other named ones. */
  async #candidates(providers: readonly Provider[]): Promise<Candidate[]> {
    const libp2p = this.#libp2p;
    if (libp2p === null) return [];
    const named = byPeer(providers);
    const namedHere: Candidate[] = [];
    const connected: Candidate[] = [];
    for (const peer of libp2p.getPeers()) {
      const isNamed = named.delete(peer.toString());
      if (isNamed) namedHere.push(peer.toCID());
      else {
        const found = await libp2p.peerStore.get(peer).catch(() => null);
        if (found?.protocols.includes(BITSWAP)) connected.push(peer.toCID());
      }
    }
    this.#turn++;
    const strangers = rotated([...named.values()], this.#turn).slice(0, MOST_STRANGERS);
    return [...rotated(namedHere, this.#turn), ...rotated(connected, this.#turn), ...strangers];
  }
}

/** What an aborted wait is to the caller. */
export function waitError(signal: AbortSignal, cid: CID): HeliographError {
  const isTimeout = (signal.reason as Error | undefined)?.name === 'TimeoutError';
  return isTimeout
    ? new HeliographError('timeout', `block ${cid} did not come in time`, { cause: signal.reason })
    : new HeliographError('cancelled', `waiting for block ${cid} was cancelled`, { cause: signal.reason });
}

/** One candidate a peer, with a few of its addresses: one bad address must not hide a good one. The unreadable are left out. */
function byPeer(providers: readonly Provider[]): Map<string, Candidate> {
  const found = new Map<string, Candidate>();
  for (const provider of providers.flat()) {
    try {
      const isAddress = typeof provider === 'string' && provider.startsWith('/');
      const parsed = isAddress
        ? multiaddr(provider)
        : typeof provider === 'string'
          ? peerIdFromString(provider)
          : provider;
      if ('toCID' in parsed) {
        const key = parsed.toString();
        if (!found.has(key)) found.set(key, parsed.toCID());
        continue;
      }
      // The last one: a relay's stands before it.
      const id = parsed.getComponents().findLast(({ name }) => name === 'p2p')?.value;
      const key = id === undefined ? parsed.toString() : peerIdFromString(id).toString();
      const known = found.get(key);
      if (!Array.isArray(known)) found.set(key, [parsed]);
      else if (known.length < MOST_ADDRESSES) known.push(parsed);
    } catch {}
  }
  return found;
}

function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/** The first block of these attempts; null when all failed, patience ended or the signal aborted. */
async function firstBlock(
  attempts: Iterable<Promise<Uint8Array | null>>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const { promise: over, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), patienceMs);
  const onAbort = () => resolve(null);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) resolve(null);
  try {
    const found = [...attempts].map(async (attempt) => (await attempt) ?? Promise.reject());
    return await Promise.race([over, Promise.any(found).catch(() => null)]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

export async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
