/** A node's data directory: opened by one node at a time, of a format this program knows, with its database. */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Level } from 'level';
import { HeliographError } from '../errors.ts';

/** Raised when what is written below changes so that an older program would misread it. */
const FORMAT = 1;

export interface DataDirectory {
  readonly path: string;
  /** Catalogue, jobs and follows; holding it open keeps a second node out. */
  readonly db: Level<string, unknown>;
  /** Where a part of the node keeps its own files. */
  file(...names: string[]): string;
  /** Tells the command line how to reach this node; readable by its owner only. */
  tellStudio(studio: StudioAddress): Promise<void>;
  close(): Promise<void>;
}

/** The contents of `studio.json`. */
export interface StudioAddress {
  pid: number;
  url: string;
  token: string;
  gateway: string;
}

const STUDIO_FILE = 'studio.json';

/**
 * Opens a data directory, making it when it is new. Throws `data-dir-in-use` when another node has it open,
 * `data-dir-format` when a newer program wrote it, `unreadable` when the place cannot be written.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new HeliographError(
      'unreadable',
      `the data directory ${path} cannot be made: ${(cause as Error).message}`,
      {
        cause,
      },
    );
  }
  const db = new Level<string, unknown>(join(path, 'db'), { valueEncoding: 'json' });
  try {
    await db.open();
  } catch (error) {
    throw openFailure(path, error);
  }
  try {
    await checkFormat(path);
  } catch (error) {
    await db.close();
    throw error;
  }
  const file = (...names: string[]) => join(path, ...names);
  let told = false;
  return {
    path,
    db,
    file,
    async tellStudio(studio) {
      told = true;
      await writeWhole(file(STUDIO_FILE), `${JSON.stringify(studio, null, 2)}\n`);
    },
    async close() {
      if (told) await rm(file(STUDIO_FILE), { force: true });
      await db.close();
    },
  };
}

function openFailure(path: string, error: unknown): HeliographError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: string }).code;
  if (code === 'LEVEL_LOCKED') {
    return new HeliographError(
      'data-dir-in-use',
      `another node is using the data directory ${path}: stop it, or give this one its own with --data`,
      { cause },
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new HeliographError('unreadable', `the database in ${path} cannot be opened: ${reason}`, { cause });
}

async function checkFormat(path: string): Promise<void> {
  const file = join(path, 'format');
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) {
    await writeWhole(file, `${FORMAT}\n`);
  } else if (Number(text.trim()) !== FORMAT) {
    throw new HeliographError(
      'data-dir-format',
      `the data directory ${path} has format ${text.trim()}, this program reads ${FORMAT}: use the program that wrote it`,
    );
  }
}

/** A file that is either the old one or the new one whole, and for its owner's eyes only. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
