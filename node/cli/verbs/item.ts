/** `items CHANNEL` and `item show|edit|delete`: what a channel holds. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type ItemView, itemsView, itemView } from '../../../protocol/api.ts';
import { itemKinds } from '../../../protocol/records.ts';
import { askPages } from '../ask-pages.ts';
import { formatDuration } from '../duration.ts';
import { apiPath } from '../studio-client.ts';
import { formatFields, formatTable } from '../table.ts';
import { onVerb } from '../verb.ts';
import { ownChannel } from './channel.ts';

/** What a publisher may say of an item, as flags of `publish` and `item edit`. */
export interface ItemTextFlags {
  title?: string;
  description?: string;
  credits?: string;
  language?: string;
  kind?: string;
  series?: string;
  season?: number;
  episode?: number;
}

export function addItemVerbs(program: Command): void {
  const items = program.command('items <channel>').description('list the items of a channel, newest first');
  onVerb(items, async (context, _flags, text = '') => {
    const studio = await context.studio();
    const id = await ownChannel(studio, text);
    const path = apiPath`/api/v1/channels/${id}/items`;
    const found = await askPages(studio, path, itemsView, (page) => page.items);
    const rows = found.map((item) => [item.id, title(item), item.kind, formatDuration(item.duration)]);
    return {
      json: found,
      text: formatTable(['ID', 'TITLE', 'KIND', 'LENGTH'], rows, 'the channel holds no items'),
    };
  });

  const item = program.command('item').description('one item of a channel');
  const show = item.command('show <id>').description('show an item, of this node or another');
  onVerb(show, async ({ studio }, _flags, id = '') => {
    const found = await (await studio()).ask('GET', apiPath`/api/v1/items/${id}`, itemView);
    return { json: found, text: describe(found) };
  });

  const edit = addItemTextFlags(item.command('edit <id>').description('change what is said of an item'));
  onVerb<ItemTextFlags>(edit, async ({ studio }, flags, id = '') => {
    const body = itemTexts(edit, flags);
    if (Object.keys(body).length === 0)
      edit.error('error: nothing to change: give at least one of the flags');
    const changed = await (await studio()).ask('PATCH', apiPath`/control/v1/items/${id}`, itemView, body);
    return { json: changed, text: describe(changed) };
  });

  const remove = item.command('delete <id>').description('take an item out of its channel, for good');
  onVerb(remove, async ({ studio }, _flags, id = '') => {
    await (await studio()).tell('DELETE', apiPath`/control/v1/items/${id}`);
    return { json: { deleted: id }, text: `deleted ${id}` };
  });
}

export function addItemTextFlags(command: Command): Command {
  return command
    .option('--title <text>', 'its title')
    .option('--description <text>', 'what it is about')
    .option('--credits <text>', 'who made it, and its licence')
    .option('--language <tag>', 'its language, such as en or pt-BR')
    .addOption(new Option('--kind <kind>', 'what it is').choices(itemKinds))
    .option('--series <title>', 'the series it belongs to')
    .option('--season <number>', 'its season (default: 1)', wholeNumber)
    .option('--episode <number>', 'its episode', wholeNumber);
}

/** The flags as the API takes them; `nth` of several files is so many episodes further on. */
export function itemTexts(command: Command, flags: ItemTextFlags, nth = 0): Record<string, unknown> {
  const { title, description, credits, language, kind, series, season, episode } = flags;
  if (series === undefined && (season !== undefined || episode !== undefined)) {
    command.error('error: --season and --episode need --series');
  }
  if (series !== undefined && episode === undefined) command.error('error: --series needs --episode');
  return {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(credits !== undefined && { credits }),
    ...(language !== undefined && { language: language || null }),
    ...(kind !== undefined && { kind }),
    ...(series !== undefined && {
      series: { title: series, season: season ?? 1, episode: (episode ?? 1) + nth },
    }),
  };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

function title(item: ItemView): string {
  if (!item.series) return item.title;
  const { title: series, season, episode } = item.series;
  return `${series} ${season}×${String(episode).padStart(2, '0')}: ${item.title}`;
}

function describe(item: ItemView): string {
  const renditions = item.renditions?.map(({ name }) => name).join(', ');
  return formatFields([
    ['id', item.id],
    ['channel', item.channel],
    ['title', title(item)],
    ['kind', item.kind],
    ['description', item.description || null],
    ['credits', item.credits || null],
    ['language', item.language],
    ['length', formatDuration(item.duration)],
    ['published', item.published],
    ['renditions', renditions ?? null],
    ['manifest', item.manifest],
    ['folder', item.folder],
  ]);
}
