/** What the studio can make a node do: each wish handed to the room whose job it is. */
import type { StatusView } from '../protocol/api.ts';
import { channelId } from '../protocol/channel-id.ts';
import type { Catalogue } from './catalogue/catalogue.ts';
import type { Content } from './content/content.ts';
import { HeliographError } from './errors.ts';
import type { Control } from './gateway/control.ts';
import type { Mirror } from './mirror/mirror.ts';
import type { Host } from './network/host.ts';
import type { ChannelDesk } from './publish/channel-desk.ts';
import type { ItemDesk } from './publish/item-desk.ts';
import type { JobQueue } from './publish/job-queue.ts';

export function createControl(rooms: {
  channels: ChannelDesk;
  items: ItemDesk;
  jobs: JobQueue;
  mirror: Mirror;
  host: Host;
  catalogue: Catalogue;
  content: Content;
  /** Pulls what the network knows, after a key or a follow made some of it interesting. */
  syncNow: () => Promise<void>;
  /** What only the composition root can say. */
  about: () => Pick<StatusView, 'version' | 'gateway' | 'studio' | 'uptime' | 'ffmpeg'>;
}): Control {
  const { channels, items, jobs, mirror, host, catalogue, content } = rooms;

  async function deleteChannel(id: string): Promise<void> {
    channels.secret(id);
    for (const job of jobs.list()) {
      if (job.channel === id && (job.state === 'queued' || job.state === 'running'))
        await jobs.cancel(job.id);
    }
    await items.removeAll(id);
    await channels.remove(id);
  }

  return {
    ownChannels: () => channels.own().filter((id) => catalogue.channel(id) !== undefined),
    createChannel: (request) => channels.create(request),
    editChannel: (id, changes) => channels.edit(id, changes),
    deleteChannel,
    exportKey: async (id) => channels.exportKey(id),
    async importKey(key) {
      const id = await channels.importKey(key);
      await rooms.syncNow();
      return id;
    },

    async publish(channel, request) {
      channels.secret(channel);
      if (catalogue.channel(channel) === undefined) {
        throw new HeliographError('not-found', `channel ${channel} is not known here yet, or was deleted`);
      }
      return jobs.add(channel, request);
    },
    editItem: (id, changes) => items.edit(id, changes),
    deleteItem: (id) => items.remove(id),

    jobs: () => jobs.list(),
    job: (id) => jobs.get(id),
    cancelJob: (id) => jobs.cancel(id),
    retryJob: (id) => jobs.retry(id),
    onJob: (listener) => jobs.on(listener),

    follows: () => mirror.follows(),
    follow: (request) => mirror.follow(request),
    unfollow: (channel) => mirror.unfollow(channel),
    onFollow: (listener) => mirror.on(listener),

    peers: () => host.peers(),
    async status() {
      const known = catalogue.channels();
      return {
        ...rooms.about(),
        node: host.peerId,
        addresses: host.addresses(),
        peers: host.peers().length,
        channels: known.length,
        items: known.reduce((sum, { record }) => sum + catalogue.items(channelId(record.channel)).length, 0),
        diskUsed: content.diskUsed(),
        diskFree: Math.max(0, await content.diskFree()),
        memory: process.memoryUsage.rss(),
        refused: { ...catalogue.refused },
      };
    },
  };
}
