/** `channel create|list|show|edit|delete`: a publisher's channels. */
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { type ChannelView, channelView } from '../../../protocol/api.ts';
import { HeliographError } from '../../errors.ts';
import { askChannels } from '../ask-pages.ts';
import { chooseChannel } from '../choose-channel.ts';
import { plainText } from '../plain-text.ts';
import { apiPath, type StudioClient } from '../studio-client.ts';
import { formatFields, formatTable } from '../table.ts';
import { onVerb } from '../verb.ts';

interface ChannelFlags {
  name?: string;
  description?: string;
  language?: string;
  category?: string[];
}

/** Adds the group and returns it, so that more verbs on channels can join. */
export function addChannelVerbs(program: Command): Command {
  const channel = program.command('channel').description('a publisher’s channels');
  addCreate(channel);
  addList(channel);
  addShow(channel);
  addEdit(channel);
  addDelete(channel);
  return channel;
}

/** The id of an own channel that a person named by id or by name. */
export async function ownChannel(studio: StudioClient, text: string): Promise<string> {
  return chooseChannel(text, await askChannels(studio, 'own'));
}

function addCreate(channel: Command): void {
  const create = channel
    .command('create <name>')
    .description('make a channel with a key of its own, and print its id')
    .option('--description <text>', 'what it shows')
    .option('--language <tag>', 'its language, such as en or pt-BR')
    .option('--category <name...>', 'what it is found under');
  onVerb<ChannelFlags>(create, async ({ studio }, flags, name = '') => {
    const body = { name, ...channelBody(flags) };
    const made = await (await studio()).ask('POST', '/control/v1/channels', channelView, body);
    return { json: made, text: made.id };
  });
}

function addList(channel: Command): void {
  const list = channel
    .command('list')
    .description('list the channels of this node')
    .option('--all', 'list every channel that this node has heard of');
  onVerb<{ all?: boolean }>(list, async ({ studio }, { all }) => {
    const channels = await askChannels(await studio(), all ? 'all' : 'own');
    const rows = channels.map((each) => [each.id, each.name, String(each.items), each.language ?? '']);
    const none = all
      ? 'no channel is known yet'
      : 'no channel yet; make one with `heliograph channel create NAME`';
    return { json: channels, text: formatTable(['ID', 'NAME', 'ITEMS', 'LANGUAGE'], rows, none) };
  });
}

function addShow(channel: Command): void {
  const show = channel.command('show <id>').description('show a channel, of this node or another');
  onVerb(show, async (context, _flags, text = '') => {
    const studio = await context.studio();
    const id = await ownChannel(studio, text);
    const found = await studio.ask('GET', apiPath`/api/v1/channels/${id}`, channelView);
    return { json: found, text: describe(found) };
  });
}

function addEdit(channel: Command): void {
  const edit = channel
    .command('edit <id>')
    .description('change a channel')
    .option('--name <name>', 'its new name')
    .option('--description <text>', 'what it shows')
    .option('--language <tag>', 'its language; an empty one for none')
    .option('--category <name...>', 'what it is found under; an empty one for nothing');
  onVerb<ChannelFlags>(edit, async (context, flags, text = '') => {
    if (Object.keys(flags).length === 0) {
      edit.error(
        'error: nothing to change: give at least one of --name, --description, --language, --category',
      );
    }
    const studio = await context.studio();
    const id = await ownChannel(studio, text);
    const body = { ...(flags.name !== undefined && { name: flags.name }), ...channelBody(flags) };
    const changed = await studio.ask('PATCH', apiPath`/control/v1/channels/${id}`, channelView, body);
    return { json: changed, text: describe(changed) };
  });
}

function addDelete(channel: Command): void {
  const remove = channel
    .command('delete <id>')
    .description('delete a channel, everywhere and for good (asks first on a terminal)')
    .option('--yes', 'do not ask');
  onVerb<{ yes?: boolean }>(remove, async (context, { yes }, text = '') => {
    const studio = await context.studio();
    const id = await ownChannel(studio, text);
    if (!yes && process.stdin.isTTY && process.stderr.isTTY) {
      const { name } = await studio.ask('GET', apiPath`/control/v1/channels/${id}`, channelView);
      await confirm(`Delete channel "${plainText(name)}" and all it holds, on every node, for good? [y/N] `);
    }
    await studio.tell('DELETE', apiPath`/control/v1/channels/${id}`);
    return { json: { deleted: id }, text: `deleted ${id}` };
  });
}

async function confirm(question: string): Promise<void> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and the end of input are a no.
  const no = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(question), no]);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new HeliographError('cancelled', 'nothing was deleted');
}

function channelBody(flags: ChannelFlags): object {
  return {
    ...(flags.description !== undefined && { description: flags.description }),
    ...(flags.language !== undefined && { language: flags.language || null }),
    ...(flags.category !== undefined && { categories: flags.category.filter((name) => name !== '') }),
  };
}

function describe(channel: ChannelView): string {
  return formatFields([
    ['id', channel.id],
    ['name', channel.name],
    ['description', channel.description || null],
    ['language', channel.language],
    ['categories', channel.categories.join(', ') || null],
    ['items', String(channel.items)],
    ['on air', channel.onAir?.title ?? null],
    ['mirrors', String(channel.mirrors.length)],
    ['updated', channel.updated],
    [
      'warning',
      channel.flagged ? 'two different records with one number were seen: its key may be stolen' : null,
    ],
  ]);
}
