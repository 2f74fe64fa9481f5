/** `follow`, `unfollow`, `follows`: what this node carries for others. */
import type { Command } from 'commander';
import { followsView, followView } from '../../../protocol/api.ts';
import { chooseChannel } from '../choose-channel.ts';
import { formatSize, parseSize } from '../size.ts';
import { apiPath } from '../studio-client.ts';
import { formatTable } from '../table.ts';
import { onVerb } from '../verb.ts';

export function addFollowVerbs(program: Command): void {
  const follow = program
    .command('follow <channel>')
    .description('follow a channel by its id')
    .option('--mirror', 'hold its items and serve them to others')
    .option('--budget <size>', 'most disk to give it, such as 20GB (with --mirror)', parseSize);
  onVerb<{ mirror?: boolean; budget?: number }>(follow, async ({ studio }, { mirror, budget }, text = '') => {
    if (budget !== undefined && !mirror) follow.error('error: --budget needs --mirror');
    const body = { channel: chooseChannel(text, []), mirror: mirror === true, budget: budget ?? null };
    const followed = await (await studio()).ask('POST', '/control/v1/follows', followView, body);
    const doing = followed.mirror ? 'mirroring' : 'following';
    return { json: followed, text: `${doing} ${followed.name ?? followed.channel}` };
  });

  const unfollow = program
    .command('unfollow <channel>')
    .description('follow a channel no longer; what was held for it is let go');
  onVerb(unfollow, async (context, _flags, text = '') => {
    const studio = await context.studio();
    const { follows } = await studio.ask('GET', '/control/v1/follows', followsView);
    const id = chooseChannel(
      text,
      follows.map(({ channel, name }) => ({ id: channel, name })),
    );
    await studio.tell('DELETE', apiPath`/control/v1/follows/${id}`);
    return { json: { unfollowed: id }, text: `unfollowed ${id}` };
  });

  const list = program.command('follows').description('list what this node follows and holds');
  onVerb(list, async ({ studio }) => {
    const { follows } = await (await studio()).ask('GET', '/control/v1/follows', followsView);
    const rows = follows.map((each) => [
      each.channel,
      each.name ?? '(not heard of yet)',
      each.mirror ? each.state : 'not mirrored',
      `${each.itemsHeld} of ${each.items}`,
      each.budget === null ? formatSize(each.held) : `${formatSize(each.held)} of ${formatSize(each.budget)}`,
      each.error ?? '',
    ]);
    const header = ['CHANNEL', 'NAME', 'STATE', 'ITEMS', 'HELD', ''];
    const none = 'nothing is followed; begin with `heliograph follow CHANNEL --mirror`';
    return { json: follows, text: formatTable(header, rows, none) };
  });
}
