/** Stands in for a node's studio until the real one can: the control API's shapes over lists in memory. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import type { ChannelView, FollowView, ItemView, JobView } from '../../../protocol/api.ts';
import { channelId } from '../../../protocol/channel-id.ts';

const at = '2026-01-01T00:00:00.000Z';
// biome-ignore format: short-lived
const problem = (status: number, code: string, detail: string) => ({ type: 'about:blank', title: code, status, detail, code });

export async function startStub(dataDir: string) {
  const channels: ChannelView[] = [];
  const items: ItemView[] = [];
  const jobs: (JobView & { looks: number })[] = [];
  const follows: FollowView[] = [];
  const app = Fastify();
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== 'Bearer secret')
      await reply.code(401).send(problem(401, 'unauthorized', 'no token'));
  });
  app.get('/control/v1/channels', async () => ({ channels, next: null }));
  app.get('/api/v1/channels', async () => ({ channels, next: null }));
  app.post<{ Body: Partial<ChannelView> & { name: string } }>('/control/v1/channels', async ({ body }) => {
    const id = channelId(new Uint8Array(32).fill(channels.length + 1));
    const made: ChannelView = {
      id,
      description: '',
      language: null,
      categories: [],
      logo: null,
      onAir: null,
      mirrors: [],
      items: 0,
      updated: at,
      flagged: false,
      ...body,
    };
    channels.push(made);
    return made;
  });
  const one = async ({ params }: { params: unknown }) =>
    channels.find(({ id }) => id === (params as { id: string }).id);
  app.get('/control/v1/channels/:id', one);
  app.get('/api/v1/channels/:id', one);
  app.patch<{ Params: { id: string }; Body: object }>('/control/v1/channels/:id', async ({ params, body }) =>
    Object.assign(channels.find(({ id }) => id === params.id) as ChannelView, body),
  );
  app.delete<{ Params: { id: string } }>('/control/v1/channels/:id', async ({ params }, reply) => {
    channels.splice(
      channels.findIndex(({ id }) => id === params.id),
      1,
    );
    await reply.code(204).send();
  });
  app.get<{ Params: { id: string } }>('/control/v1/channels/:id/key', async ({ params }) => ({
    channel: params.id,
    key: 'a2V5',
  }));
  app.post<{ Body: { key: string } }>('/control/v1/channels/import', async ({ body }, reply) =>
    body.key === 'a2V5'
      ? channels[0]
      : reply.code(400).send(problem(400, 'bad-request', 'this is not a channel key')),
  );
  app.get<{ Querystring: { cursor?: string } }>('/api/v1/channels/:id/items', async ({ query }) => {
    const from = Number(query.cursor ?? 0);
    return { items: items.slice(from, from + 1), next: from + 1 < items.length ? String(from + 1) : null };
  });
  app.post<{ Params: { id: string }; Body: { file: string; title?: string } }>(
    '/control/v1/channels/:id/items',
    async ({ params, body }, reply) => {
      const job = {
        id: `j${jobs.length + 1}`,
        channel: params.id,
        file: body.file,
        title: body.title ?? 'untitled',
        state: 'queued',
        step: null,
        percent: 0,
        speed: null,
        secondsLeft: null,
        item: null,
        error: null,
        created: at,
        updated: at,
        looks: 0,
      } satisfies JobView & { looks: number };
      jobs.push(job);
      return reply.code(202).send(job);
    },
  );
  app.get('/control/v1/jobs', async () => ({ jobs }));
  app.get<{ Params: { id: string } }>('/control/v1/jobs/:id', async ({ params }) => {
    const job = jobs.find(({ id }) => id === params.id);
    if (!job) return problem(404, 'not-found', 'no such job');
    job.looks += 1;
    if (job.state === 'queued')
      Object.assign(job, { state: 'running', step: 'transcode', percent: 10, speed: 2, secondsLeft: 3 });
    else if (job.state === 'running' && !job.file.includes('slow')) {
      if (job.file.includes('bad'))
        Object.assign(job, {
          state: 'failed',
          error: { code: 'not-media', message: `${job.file}: is not media` },
        });
      else {
        Object.assign(job, { state: 'done', step: null, percent: 100, item: `item-${job.id}` });
        items.push({
          id: `item-${job.id}`,
          channel: job.channel,
          title: job.title,
          kind: 'film',
          description: '',
          credits: '',
          series: null,
          language: null,
          duration: 65,
          published: at,
          record: 'b',
          manifest: 'b',
          folder: null,
          poster: null,
          renditions: null,
        });
      }
    }
    return job;
  });
  app.post<{ Params: { id: string } }>('/control/v1/jobs/:id/cancel', async ({ params }) =>
    Object.assign(jobs.find(({ id }) => id === params.id) as JobView, { state: 'cancelled', step: null }),
  );
  app.get('/control/v1/follows', async () => ({ follows }));
  app.post<{ Body: { channel: string; mirror: boolean; budget: number | null } }>(
    '/control/v1/follows',
    async ({ body }) => {
      const follow: FollowView = {
        ...body,
        name: 'News',
        held: 5,
        items: 1,
        itemsHeld: 1,
        state: 'complete',
        error: null,
      };
      follows.push(follow);
      return follow;
    },
  );
  app.delete('/control/v1/follows/:id', async (_request, reply) => {
    follows.length = 0;
    await reply.code(204).send();
  });
  app.get('/control/v1/peers', async () => ({
    peers: [{ id: '12D', addresses: ['/ip4/1.2.3.4/tcp/1'], direction: 'outbound', latencyMs: 3.4 }],
  }));
  app.get('/control/v1/status', async () => ({
    version: '0.1.0',
    node: '12D',
    addresses: [],
    gateway: 'http://g',
    studio: 'http://s',
    uptime: 61,
    peers: 1,
    channels: 1,
    items: 1,
    diskUsed: 1e6,
    diskFree: 2e9,
    memory: 1e8,
    refused: { stale: 2 },
    ffmpeg: '7.0',
  }));
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  await writeFile(
    join(dataDir, 'studio.json'),
    JSON.stringify({ pid: process.pid, url, token: 'secret', gateway: url }),
    { mode: 0o600 },
  );
  return { stop: () => app.close() };
}
