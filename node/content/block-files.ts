/** Blocks as files: written whole or not at all, checked when read, put on the disk for good when asked. */
import { close, fstat, open, read } from 'node:fs';
import { mkdir, open as openHandle, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NotFoundError } from '@libp2p/interface';
import { FsBlockstore } from 'blockstore-fs';
import { NextToLast } from 'blockstore-fs/sharding';
import type { CID } from 'multiformats/cid';
import { HeliographError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { DiskSpace } from './disk-space.ts';
import { Recent } from './recent.ts';
import { sha256 } from './sha256.ts';
import { Unflushed } from './unflushed.ts';

const SHA2_256 = 0x12;
/** A file that hashed right, and was not changed since, is believed for this long before it is hashed again. */
const BELIEVED_MS = 10 * 60_000;
const REMEMBERED = 65_536;

const openDescriptor = promisify(open);
const statDescriptor = promisify(fstat);
const readDescriptor = promisify(read);

/** Where a block's bytes go: memory of its length, or what gives it. */
export type Into = Uint8Array | ((bytes: number) => Uint8Array);
type Bytes = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What is known of a file, as long as its change time stays. */
interface Vouched {
  ctimeMs: number;
  size: number;
  /** When it was last hashed, on the monotonic clock. */
  checkedAt: number;
  isDurable: boolean;
}

/**
 * blockstore-fs's layout, with what it leaves out: a read proves its bytes, a write of what is there repairs what
 * is torn, `sync` flushes, space is counted and kept in reserve. Only sha2-256 is stored.
 * A block's key is its path below the directory, such as `2A/CIQ….data`; its shard is the key's first part.
 */
export class BlockFiles extends FsBlockstore {
  readonly #sharding = new NextToLast();
  readonly #space: DiskSpace;
  readonly #log: Log;
  readonly #vouched = new Recent<string, Vouched>(REMEMBERED);
  readonly #unflushed: Unflushed;
  readonly #turns = new Map<string, Promise<void>>();
  readonly #gates = new Map<string, Promise<void>>();
  /** Files changed between these wall times may be torn by a power cut; they count as here only once hashed. */
  suspect: { from: number; to: number } | null = null;

  constructor(dir: string, options: { space: DiskSpace; log: Log }) {
    super(dir);
    this.#space = options.space;
    this.#log = options.log;
    this.#unflushed = new Unflushed(this.path, (key, { ctimeMs, size }) => {
      const known = this.#vouched.get(key);
      const checkedAt = known?.ctimeMs === ctimeMs ? known.checkedAt : Number.NEGATIVE_INFINITY;
      this.#vouched.set(key, { ctimeMs, size, checkedAt, isDurable: true });
    });
  }

  #key(cid: CID): string {
    const { dir, file } = this.#sharding.encode(cid);
    return `${dir}/${file}`;
  }

  /**
   * A block's bytes, hashed unless that was done lately. Throws `not-found`, or `bad-block` when the file is torn
   * or rotten, which is then removed. With `into`, memory of the block's expected length or what gives memory of
   * the length found, the bytes are read there.
   */
  async read(cid: CID, into?: Into): Promise<Buffer> {
    const key = this.#key(cid);
    // Descriptors and callbacks: a FileHandle costs as much again as reading a small block.
    const file = await openDescriptor(join(this.path, key), 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new HeliographError('not-found', `block ${cid} is not stored here`);
      throw error;
    });
    let ctimeMs = 0;
    try {
      const found = await statDescriptor(file);
      ctimeMs = found.ctimeMs;
      const known = this.#vouched.get(key);
      const bytes = await readAll(file, found.size, into);
      const isChanged = known?.ctimeMs !== ctimeMs || known.size !== bytes.byteLength;
      if (!isChanged && performance.now() - known.checkedAt < BELIEVED_MS) return bytes;
      if (!hashesTo(cid, bytes)) throw await this.#quarantine(cid, key, ctimeMs);
      const isDurable = !isChanged && known.isDurable;
      const checkedAt = performance.now();
      this.#vouched.set(key, { ctimeMs, size: bytes.byteLength, checkedAt, isDurable });
      return bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
      throw await this.#quarantine(cid, key, ctimeMs, error);
    } finally {
      // Not waited for: the bytes are here, and closing is one more way to the thread pool and back.
      close(file, (error) => error && this.#log.warn({ error }, 'closing a block file failed'));
    }
  }

  /** Bytes of a stored block, null when it is not stored. Only what may be torn is read. */
  async size(cid: CID): Promise<number | null> {
    const key = this.#key(cid);
    const found = await stat(join(this.path, key)).catch(() => null);
    if (found === null) return null;
    if (!this.isSuspect(found) || this.#vouched.get(key)?.ctimeMs === found.ctimeMs) return found.size;
    return this.read(cid).then(
      (bytes) => bytes.byteLength,
      () => null,
    );
  }

  isSuspect(file: { size: number; mtimeMs: number }): boolean {
    const { suspect } = this;
    return (
      file.size === 0 || (suspect !== null && file.mtimeMs >= suspect.from && file.mtimeMs <= suspect.to)
    );
  }

  override async has(cid: CID): Promise<boolean> {
    return (await this.size(cid)) !== null;
  }

  override async *get(cid: CID): AsyncGenerator<Uint8Array> {
    try {
      yield await this.read(cid);
    } catch (error) {
      // bitswap answers "don't have" to an error of this name; any other ends its whole message.
      throw new NotFoundError(error instanceof Error ? error.message : String(error));
    }
  }

  override async put(cid: CID, content: Bytes): Promise<CID> {
    if (cid.multihash.code !== SHA2_256) {
      throw new HeliographError('bad-block', `block ${cid} is named by another hash than sha2-256`);
    }
    const bytes = content instanceof Uint8Array ? content : await joined(content);
    const key = this.#key(cid);
    for (let gate = this.#gate(key); gate; gate = this.#gate(key)) await gate;
    await this.#inTurn(key, () => this.#store(key, bytes));
    return cid;
  }

  override async delete(cid: CID): Promise<void> {
    await this.discard(this.#key(cid));
  }

  /** Removes the file of this key; resolves with the bytes that are free then. */
  discard(key: string): Promise<number> {
    return this.#inTurn(key, () => this.#remove(key));
  }

  /** Resolves when all that was put before is on the disk, its directory entries included. */
  async sync(): Promise<void> {
    try {
      await this.#unflushed.flush();
    } catch (error) {
      throw await this.#space.explain(error);
    }
  }

  get unsynced(): number {
    return this.#unflushed.count;
  }

  /** Runs `work` while no block of this shard is being written. */
  async exclusively<T>(shard: string, work: () => Promise<T>): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (let gate = this.#gates.get(shard); gate; gate = this.#gates.get(shard)) await gate;
    this.#gates.set(shard, promise);
    try {
      await Promise.all([...this.#turns].filter(([key]) => shardOf(key) === shard).map(([, turn]) => turn));
      return await work();
    } finally {
      this.#gates.delete(shard);
      resolve();
    }
  }

  #gate(key: string): Promise<void> | undefined {
    return this.#gates.get(shardOf(key));
  }

  /** Writing, repairing and removing one block happen one after the other. */
  #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const run = (this.#turns.get(key) ?? Promise.resolve()).then(work);
    const ended = () => {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    };
    const turn = run.then(ended, ended);
    this.#turns.set(key, turn);
    return run;
  }

  async #store(key: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.path, key);
    const there = await stat(path).catch(() => null);
    if (there?.size === bytes.byteLength) {
      const known = this.#vouched.get(key);
      if (known?.isDurable === true && known.ctimeMs === there.ctimeMs) return;
      // Its name alone is not believed: it may be torn by a crash that came before it was flushed.
      if (Buffer.compare(await readFile(path), bytes) === 0) {
        this.#unflushed.add(key);
        return;
      }
    }
    await this.#space.admit(bytes.byteLength);
    await this.#write(path, key, bytes);
    this.#vouched.delete(key);
    this.#unflushed.add(key);
    this.#space.changed(shardOf(key), bytes.byteLength - (there?.size ?? 0));
  }

  async #write(path: string, key: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(this.path, temporaryOf(key));
    try {
      const file = await openHandle(temporary, 'w').catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        await mkdir(join(this.path, shardOf(key)), { recursive: true });
        this.#unflushed.addFolder();
        return openHandle(temporary, 'w');
      });
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw await this.#space.explain(error);
    }
  }

  async #remove(key: string): Promise<number> {
    const path = join(this.path, key);
    const found = await stat(path).catch(() => null);
    if (found === null) return 0;
    await rm(path, { force: true });
    this.#vouched.delete(key);
    this.#unflushed.delete(key);
    this.#space.changed(shardOf(key), -found.size);
    return found.size;
  }

  async #quarantine(cid: CID, key: string, ctimeMs: number, cause?: unknown): Promise<HeliographError> {
    await this.#inTurn(key, async () => {
      // A good one may have been put in its place since it was read.
      const found = await stat(join(this.path, key)).catch(() => null);
      if (found?.ctimeMs === ctimeMs) await this.#remove(key);
    });
    this.#log.warn({ cid: cid.toString() }, 'a stored block was damaged and is removed');
    const message = `block ${cid} was damaged on the disk; it must be fetched again`;
    return new HeliographError('bad-block', message, { cause });
  }
}

/** Named as steno, which blockstore-fs writes with, names its own. */
function temporaryOf(key: string): string {
  return `${key.replace('/', '/.')}.tmp`;
}

export function isTemporary(name: string): boolean {
  return name.startsWith('.') && name.endsWith('.tmp');
}

function shardOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

async function readAll(file: number, size: number, into?: Into): Promise<Buffer> {
  const given = typeof into === 'function' ? into(size) : into;
  const target =
    given?.byteLength === size
      ? Buffer.from(given.buffer, given.byteOffset, size)
      : Buffer.allocUnsafeSlow(size);
  let got = 0;
  while (got < size) {
    const { bytesRead } = await readDescriptor(file, target, got, size - got, got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return target.subarray(0, got);
}

function hashesTo(cid: CID, bytes: Uint8Array): boolean {
  return Buffer.compare(sha256(bytes), cid.multihash.digest) === 0;
}

async function joined(parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}
