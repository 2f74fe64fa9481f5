/** One secret key in one file: written whole or not at all, and checked against its public key when read. */
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { z } from 'zod';
import { HeliographError } from '../errors.ts';

/** The public key stands beside the secret so that one flipped bit is noticed and not taken for another key. */
const keyFileShape = z.strictObject({
  type: z.literal('Ed25519'),
  secret: z.base64().length(44),
  public: z.base64().length(44),
});

/** Writes a 32-byte secret, readable by its owner only; on disk, synced, when this resolves. */
export async function writeKeyFile(path: string, secret: Uint8Array): Promise<void> {
  const content: z.infer<typeof keyFileShape> = {
    type: 'Ed25519',
    secret: Buffer.from(secret).toString('base64'),
    public: Buffer.from(ed25519.getPublicKey(secret)).toString('base64'),
  };
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(content)}\n`);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  }
  await syncFolder(dirname(path));
}

/** The 32-byte secret in this file, or null when there is no such file. Throws `unreadable` when it is damaged. */
export async function readKeyFile(path: string): Promise<Uint8Array | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new HeliographError('unreadable', `the key file ${path} can't be read: ${reason(error)}`, {
      cause: error,
    });
  }
  const secret = parse(text);
  if (secret === null)
    throw new HeliographError(
      'unreadable',
      `the key file ${path} is damaged; restore it from a backup, or move it away to go on without that key`,
    );
  return secret;
}

/** Makes names added to or removed from a folder outlast a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function parse(text: string): Uint8Array | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = keyFileShape.safeParse(value);
  if (!parsed.success) return null;
  const secret = new Uint8Array(Buffer.from(parsed.data.secret, 'base64'));
  if (secret.byteLength !== 32) return null;
  const publicKey = Buffer.from(ed25519.getPublicKey(secret)).toString('base64');
  return publicKey === parsed.data.public ? secret : null;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
