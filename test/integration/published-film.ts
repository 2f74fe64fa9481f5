/** A data directory with the sample film published in it, made once a test run and copied for each test. */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { NodeProcess } from './node-process.ts';
import { sampleFilm } from './sample-film.ts';

export interface PublishedFilm {
  /** A directory of the test's own that holds `data`. */
  directory: string;
  /** A node's data directory; no node has it open. */
  data: string;
  channel: string;
  item: string;
  /** Removes the copy. */
  remove: () => Promise<void>;
}

/** Copies of one film cost a second; publishing it anew costs half a minute. */
export async function publishedFilm(): Promise<PublishedFilm> {
  const shared = inject('sharedDirectory');
  const original = join(shared, 'published-film');
  const made = await readFile(join(original, 'ids.json'), 'utf8').catch(() => publishOnce(original));
  const directory = await mkdtemp(join(shared, 'film-'));
  await cp(join(original, 'data'), join(directory, 'data'), { recursive: true });
  return {
    directory,
    data: join(directory, 'data'),
    ...(JSON.parse(made) as { channel: string; item: string }),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function publishOnce(place: string): Promise<string> {
  const making = `${place}.${process.pid}`;
  const node = await NodeProcess.start(join(making, 'data'), { media: { preset: 'ultrafast' } });
  try {
    const { id: channel } = await node.cli<{ id: string }>('channel', 'create', 'Sunlight');
    const { item } = await node.cli<{ item: string }>(
      'publish',
      channel,
      sampleFilm,
      '--title',
      'Big Buck Bunny',
    );
    const ids = JSON.stringify({ channel, item });
    await node.stop();
    await writeFile(join(making, 'ids.json'), ids);
    await rename(making, place);
    return ids;
  } finally {
    await node.kill();
  }
}
