/** `channel export-key|import-key`: takes a channel's key to another node, or into a safe. */
import { readFile, writeFile } from 'node:fs/promises';
import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import { channelKeyView, channelView } from '../../../protocol/api.ts';
import { HeliographError } from '../../errors.ts';
import { apiPath } from '../studio-client.ts';
import { onVerb } from '../verb.ts';
import { ownChannel } from './channel.ts';

export function addChannelKeyVerbs(channel: Command): void {
  const exportKey = channel
    .command('export-key <id>')
    .description('print a channel’s secret key (whoever has it is the channel)')
    .option('--out <file>', 'write it to a new file that only you can read, not to the screen');
  onVerb<{ out?: string }>(exportKey, async (context, { out }, text = '') => {
    const studio = await context.studio();
    const id = await ownChannel(studio, text);
    const found = await studio.ask('GET', apiPath`/control/v1/channels/${id}/key`, channelKeyView);
    if (out === undefined) return { json: found, text: found.key };
    await writeNew(out, `${found.key}\n`);
    return { json: { channel: id, file: out }, text: `key of ${id} written to ${out}` };
  });

  const importKey = channel
    .command('import-key <file>')
    .description('make a channel one of this node by its secret key (`-` reads it from stdin)');
  onVerb(importKey, async ({ studio }, _flags, file = '') => {
    const key = (await readKey(file)).trim();
    const made = await (await studio()).ask('POST', '/control/v1/channels/import', channelView, { key });
    return { json: made, text: made.id };
  });
}

async function writeNew(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const reason = exists ? 'there is a file of this name; choose another' : (error as Error).message;
    throw new HeliographError(exists ? 'conflict' : 'unreadable', `${file} was not written: ${reason}`, {
      cause: error,
    });
  }
}

async function readKey(file: string): Promise<string> {
  if (file === '-') return readAll(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new HeliographError(
      'unreadable',
      `key file ${file}: ${missing ? 'no such file' : (error as Error).message}`,
      { cause: error },
    );
  }
}
