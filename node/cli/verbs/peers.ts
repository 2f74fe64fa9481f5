/** `peers`: the nodes that this one is connected with. */
import type { Command } from 'commander';
import { peersView } from '../../../protocol/api.ts';
import { formatTable } from '../table.ts';
import { onVerb } from '../verb.ts';

export function addPeersVerb(program: Command): void {
  const command = program.command('peers').description('list the nodes this one is connected with');
  onVerb(command, async ({ studio }) => {
    const { peers } = await (await studio()).ask('GET', '/control/v1/peers', peersView);
    const rows = peers.map((peer) => [
      peer.id,
      peer.direction,
      peer.latencyMs === null ? '' : `${Math.round(peer.latencyMs)} ms`,
      peer.addresses.join(' '),
    ]);
    return {
      json: peers,
      text: formatTable(['PEER', 'DIRECTION', 'LATENCY', 'ADDRESSES'], rows, 'no peers yet'),
    };
  });
}
