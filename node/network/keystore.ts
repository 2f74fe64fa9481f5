/** The secret keys on disk, node's and channels', for their owner's eyes only. */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { ed25519 } from '@noble/curves/ed25519.js';
import { channelId } from '../../protocol/channel-id.ts';
import { HeliographError } from '../errors.ts';
import { type Log, scoped } from '../log.ts';
import { readKeyFile, syncFolder, writeKeyFile } from './key-file.ts';

/** The node's secret: its 32-byte Ed25519 seed (signs mirror records) and the same key in libp2p's form. */
export interface NodeKey {
  readonly secret: Uint8Array;
  readonly privateKey: PrivateKey;
}

/** Secret keys on disk. Every write is complete or absent, also after a power cut. */
export interface Keystore {
  nodeKey(): NodeKey;
  /** Ids (`k51…`) of the channels whose secret key is here. */
  channels(): string[];
  /** Makes a new channel key; it is on disk when this resolves. */
  create(): Promise<{ id: string; secret: Uint8Array }>;
  /** The 32-byte Ed25519 secret of a channel, or null when it isn't here. */
  secret(channelId: string): Uint8Array | null;
  /** Keeps a 32-byte secret and gives its channel's id; keeping it twice is harmless. Throws `bad-request` on another length. */
  importSecret(secret: Uint8Array): Promise<string>;
  /** Deletes a channel's secret for good. Throws `not-found` when it isn't here. */
  remove(channelId: string): Promise<void>;
}

const NODE_KEY = 'node.key';
const SECRET_BYTES = 32;

/**
 * Opens the keystore of this folder, making it and the node's key when they are absent. Throws `unreadable`, naming
 * the file, when a key in it is damaged: a new key in its place would silently make another node or lose a channel.
 */
export async function openKeystore(folder: string, log: Log): Promise<Keystore> {
  const logger = scoped(log, 'node/network/keystore');
  const channelFolder = join(folder, 'channels');
  await mkdir(channelFolder, { recursive: true, mode: 0o700 });
  for (const path of [folder, channelFolder]) await tighten(path, 0o700, logger);
  const nodeKey = await openNodeKey(folder, logger);
  const secrets = await openChannelKeys(channelFolder, logger);

  async function keep(secret: Uint8Array): Promise<string> {
    const id = idOf(secret);
    if (!secrets.has(id)) {
      await writeKeyFile(join(channelFolder, `${id}.key`), secret);
      secrets.set(id, secret);
    }
    return id;
  }

  return {
    nodeKey: () => nodeKey,
    channels: () => [...secrets.keys()],
    secret: (id) => secrets.get(id)?.slice() ?? null,
    async create() {
      const secret = freshSecret();
      return { id: await keep(secret), secret: secret.slice() };
    },
    async importSecret(secret) {
      if (secret.byteLength !== SECRET_BYTES)
        throw new HeliographError(
          'bad-request',
          `a channel key has ${SECRET_BYTES} bytes; this one has ${secret.byteLength}`,
        );
      return keep(secret.slice());
    },
    async remove(id) {
      if (!secrets.has(id))
        throw new HeliographError('not-found', `the key of channel ${id} is not on this node`);
      await unlink(join(channelFolder, `${id}.key`));
      await syncFolder(channelFolder);
      secrets.delete(id);
    },
  };
}

async function openNodeKey(folder: string, log: Log): Promise<NodeKey> {
  const path = join(folder, NODE_KEY);
  await sweep(folder);
  let secret = await readKeyFile(path);
  if (secret === null) {
    secret = freshSecret();
    await writeKeyFile(path, secret);
  }
  await tighten(path, 0o600, log);
  return { secret, privateKey: await generateKeyPairFromSeed('Ed25519', secret) };
}

async function openChannelKeys(folder: string, log: Log): Promise<Map<string, Uint8Array>> {
  await sweep(folder);
  const secrets = new Map<string, Uint8Array>();
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.key')) continue;
    const path = join(folder, name);
    await tighten(path, 0o600, log);
    const secret = await readKeyFile(path);
    if (secret === null) continue;
    const id = idOf(secret);
    if (`${id}.key` !== name)
      throw new HeliographError(
        'unreadable',
        `the key file ${path} holds the key of channel ${id}, not the one it is named for; restore it from a backup or move it away`,
      );
    secrets.set(id, secret);
  }
  return secrets;
}

/** Removes what a write left behind when the machine went down in the middle of it. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await unlink(join(folder, name));
}

async function tighten(path: string, mode: number, log: Log): Promise<void> {
  const found = (await lstat(path)).mode & 0o777;
  if ((found & ~mode) === 0) return;
  await chmod(path, mode);
  log.warn(
    { path, found: found.toString(8), now: mode.toString(8) },
    `others could read ${path}; its permissions are now ${mode.toString(8)}, but its keys may have been copied`,
  );
}

function freshSecret(): Uint8Array {
  return new Uint8Array(randomBytes(SECRET_BYTES));
}

function idOf(secret: Uint8Array): string {
  return channelId(ed25519.getPublicKey(secret));
}
