/** `/control/v1/…`: what the studio's owner can do, each route handing one wish to `Control`. */
import type { FastifyInstance } from 'fastify';
import * as api from '../../protocol/api.ts';
import { HeliographError } from '../errors.ts';
import { type GatewayCatalogue, knownItem } from './catalogue-routes.ts';
import type { Control } from './control.ts';
import type { EventStream } from './events.ts';
import { readRequest } from './read-request.ts';
import type { RenditionsAtHand } from './renditions-at-hand.ts';
import { channelView, itemView } from './views.ts';

export interface ControlRoutesOptions {
  control: Control;
  catalogue: GatewayCatalogue;
  renditionsAtHand: RenditionsAtHand;
  events: EventStream;
}

type WithId = { Params: { id: string } };

const channelParam = { id: 'Channel id' };
const itemParam = { id: 'Item id' };
const jobParam = { id: 'Job id' };

export function addControlRoutes(app: FastifyInstance, options: ControlRoutesOptions): void {
  addChannelControl(app, options);
  addItemControl(app, options);
  addJobControl(app, options);
  addNodeControl(app, options);
}

function addChannelControl(app: FastifyInstance, { control, catalogue }: ControlRoutesOptions): void {
  const show = (id: string): api.ChannelView => {
    const known = catalogue.channel(id);
    return known ? channelView(known, catalogue) : channelNotYetKnown(id);
  };
  const own = (id: string): string => {
    if (control.ownChannels().includes(id)) return id;
    throw new HeliographError('not-found', `channel ${id.slice(0, 80)} is not one of this node’s own`);
  };

  app.route({
    method: 'GET',
    url: '/control/v1/channels',
    config: { doc: { summary: 'This node’s own channels', answer: api.channelsView } },
    handler: async (): Promise<api.ChannelsView> => ({
      channels: control.ownChannels().map(show),
      next: null,
    }),
  });

  app.route({
    method: 'POST',
    url: '/control/v1/channels',
    config: {
      doc: {
        summary: 'Make a channel',
        body: api.channelCreate,
        answer: api.channelView,
        status: 201,
      },
    },
    handler: async (request, reply) => {
      const id = await control.createChannel(readRequest(api.channelCreate, request.body));
      reply.code(201).header('location', `/control/v1/channels/${id}`);
      return show(id);
    },
  });

  app.route({
    method: 'POST',
    url: '/control/v1/channels/import',
    config: {
      doc: {
        summary: 'Make a channel one of this node by its key',
        body: api.channelImport,
        answer: api.channelView,
        status: 201,
      },
    },
    handler: async (request, reply) => {
      const id = await control.importKey(readRequest(api.channelImport, request.body).key);
      reply.code(201).header('location', `/control/v1/channels/${id}`);
      return show(id);
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/control/v1/channels/:id',
    config: { doc: { summary: 'One own channel', params: channelParam, answer: api.channelView } },
    handler: async (request) => show(own(request.params.id)),
  });

  app.route<WithId>({
    method: 'PATCH',
    url: '/control/v1/channels/:id',
    config: {
      doc: {
        summary: 'Edit a channel',
        params: channelParam,
        body: api.channelEdit,
        answer: api.channelView,
      },
    },
    handler: async (request) => {
      const id = own(request.params.id);
      await control.editChannel(id, readRequest(api.channelEdit, request.body));
      return show(id);
    },
  });

  app.route<WithId>({
    method: 'DELETE',
    url: '/control/v1/channels/:id',
    config: { doc: { summary: 'Delete a channel for good', params: channelParam, answer: null } },
    handler: async (request, reply) => {
      await control.deleteChannel(own(request.params.id));
      return reply.code(204).send();
    },
  });

  app.route<WithId>({
    method: 'GET',
    url: '/control/v1/channels/:id/key',
    config: { doc: { summary: 'A channel’s secret key', params: channelParam, answer: api.channelKeyView } },
    handler: async (request): Promise<api.ChannelKeyView> => {
      const id = own(request.params.id);
      return { channel: id, key: await control.exportKey(id) };
    },
  });

  app.route<WithId>({
    method: 'POST',
    url: '/control/v1/channels/:id/items',
    config: {
      doc: {
        summary: 'Publish a file: starts a job',
        params: channelParam,
        body: api.publishRequest,
        answer: api.jobView,
        status: 202,
      },
    },
    handler: async (request, reply) => {
      const body = readRequest(api.publishRequest, request.body);
      const job = await control.publish(own(request.params.id), body);
      reply.code(202).header('location', `/control/v1/jobs/${job.id}`);
      return job;
    },
  });
}

function addItemControl(app: FastifyInstance, options: ControlRoutesOptions): void {
  const { control, catalogue } = options;

  app.route<WithId>({
    method: 'PATCH',
    url: '/control/v1/items/:id',
    config: { doc: { summary: 'Edit an item', params: itemParam, body: api.itemEdit, answer: api.itemView } },
    handler: async (request) => {
      const { id } = request.params;
      await control.editItem(id, readRequest(api.itemEdit, request.body));
      const item = knownItem(catalogue, id);
      return itemView(item, await options.renditionsAtHand(item.record.manifest));
    },
  });

  app.route<WithId>({
    method: 'DELETE',
    url: '/control/v1/items/:id',
    config: { doc: { summary: 'Delete an item for good', params: itemParam, answer: null } },
    handler: async (request, reply) => {
      await control.deleteItem(request.params.id);
      return reply.code(204).send();
    },
  });
}

function addJobControl(app: FastifyInstance, { control }: ControlRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/control/v1/jobs',
    config: { doc: { summary: 'What is being made', answer: api.jobsView } },
    handler: async (): Promise<api.JobsView> => ({ jobs: control.jobs() }),
  });

  app.route<WithId>({
    method: 'GET',
    url: '/control/v1/jobs/:id',
    config: { doc: { summary: 'One job', params: jobParam, answer: api.jobView } },
    handler: async (request) => {
      const job = control.job(request.params.id);
      if (job === undefined) throw new HeliographError('not-found', 'there is no such job');
      return job;
    },
  });

  app.route<WithId>({
    method: 'POST',
    url: '/control/v1/jobs/:id/cancel',
    config: { doc: { summary: 'Cancel a job', params: jobParam, answer: api.jobView } },
    handler: (request) => control.cancelJob(request.params.id),
  });

  app.route<WithId>({
    method: 'POST',
    url: '/control/v1/jobs/:id/retry',
    config: { doc: { summary: 'Begin a failed job again', params: jobParam, answer: api.jobView } },
    handler: (request) => control.retryJob(request.params.id),
  });
}

function addNodeControl(app: FastifyInstance, { control, events }: ControlRoutesOptions): void {
  app.route({
    method: 'GET',
    url: '/control/v1/follows',
    config: { doc: { summary: 'Channels this node carries for others', answer: api.followsView } },
    handler: async (): Promise<api.FollowsView> => ({ follows: control.follows() }),
  });

  app.route({
    method: 'POST',
    url: '/control/v1/follows',
    config: {
      doc: { summary: 'Follow a channel', body: api.followRequest, answer: api.followView, status: 201 },
    },
    handler: async (request, reply) => {
      const follow = await control.follow(readRequest(api.followRequest, request.body));
      reply.code(201);
      return follow;
    },
  });

  app.route<{ Params: { channel: string } }>({
    method: 'DELETE',
    url: '/control/v1/follows/:channel',
    config: { doc: { summary: 'Stop following', params: { channel: 'Channel id' }, answer: null } },
    handler: async (request, reply) => {
      await control.unfollow(request.params.channel);
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/control/v1/status',
    config: { doc: { summary: 'The node at a glance', answer: api.statusView } },
    handler: () => control.status(),
  });

  app.route({
    method: 'GET',
    url: '/control/v1/peers',
    config: { doc: { summary: 'Nodes this one is connected to', answer: api.peersView } },
    handler: async (): Promise<api.PeersView> => ({ peers: control.peers() }),
  });

  app.route({
    method: 'GET',
    url: '/control/v1/events',
    config: { doc: { summary: 'Server-sent events: `job`, `follow`', answer: 'text/event-stream' } },
    handler: async (request, reply) => {
      events.open(request.raw, reply.raw);
      reply.hijack();
    },
  });
}

/** A channel whose key is here before its record: the network has not brought it yet. */
function channelNotYetKnown(id: string): api.ChannelView {
  return {
    id,
    name: '',
    description: '',
    language: null,
    categories: [],
    logo: null,
    onAir: null,
    mirrors: [],
    items: 0,
    updated: new Date(0).toISOString(),
    flagged: false,
  };
}
