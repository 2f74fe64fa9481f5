/** `status`: how the node is. */
import type { Command } from 'commander';
import { statusView } from '../../../protocol/api.ts';
import { formatWait } from '../duration.ts';
import { formatSize } from '../size.ts';
import { formatFields } from '../table.ts';
import { onVerb } from '../verb.ts';

export function addStatusVerb(program: Command): void {
  const command = program.command('status').description('show how the node is');
  onVerb(command, async ({ studio }) => {
    const status = await (await studio()).ask('GET', '/control/v1/status', statusView);
    const refused = Object.entries(status.refused).map(([code, count]) => `${count} ${code}`);
    const text = formatFields([
      ['version', status.version],
      ['node', status.node],
      ['up for', formatWait(status.uptime)],
      ['gateway', status.gateway],
      ['studio', status.studio],
      ['peers', String(status.peers)],
      ['channels', String(status.channels)],
      ['items', String(status.items)],
      ['disk', `${formatSize(status.diskUsed)} used, ${formatSize(status.diskFree)} free`],
      ['memory', formatSize(status.memory)],
      ['refused', refused.join(', ') || 'no records'],
      ['ffmpeg', status.ffmpeg],
      ...status.addresses.map((address): [string, string] => ['address', address]),
    ]);
    return { json: status, text };
  });
}
