/** The JSON that gateway and studio speak, as shapes from which types, checks and OpenAPI are made. */
import * as z from 'zod';
import { renditionKinds } from './manifest.ts';
import { itemKinds } from './records.ts';

const isoTime = z.iso.datetime();
const cid = z.string().describe('CID');
const path = z.string().describe('Path on this gateway');

export const programmeView = z.object({ title: z.string(), start: isoTime, stop: isoTime });

export const mirrorView = z.object({
  node: z.string().describe('Peer id of the mirroring node'),
  http: z.array(z.string()).describe('HTTP bases'),
  trackers: z.array(z.string()),
  addresses: z.array(z.string()).describe('libp2p multiaddrs'),
  items: z.int().describe('Items it holds whole'),
  until: isoTime,
});

export const channelView = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  language: z.string().nullable(),
  categories: z.array(z.string()),
  logo: path.nullable(),
  onAir: programmeView.nullable(),
  mirrors: z.array(mirrorView),
  items: z.int().describe('Items in the catalogue'),
  updated: isoTime,
  flagged: z
    .boolean()
    .describe('Two different records with one sequence number were seen: its key may be stolen'),
});

export const renditionView = z.object({
  id: z.string(),
  kind: z.enum(renditionKinds),
  codecs: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  frameRate: z.number().nullable(),
  bandwidth: z.int(),
  language: z.string().nullable(),
  name: z.string(),
});

export const itemView = z.object({
  id: z.string(),
  channel: z.string(),
  title: z.string(),
  kind: z.enum(itemKinds),
  description: z.string(),
  credits: z.string(),
  series: z.object({ title: z.string(), season: z.int(), episode: z.int() }).nullable(),
  language: z.string().nullable(),
  duration: z.number().describe('Seconds'),
  published: isoTime,
  record: cid.describe('CID of the signed record'),
  manifest: cid,
  folder: cid.nullable().describe('CID of the plain UnixFS folder of HLS'),
  poster: path.nullable(),
  renditions: z.array(renditionView).nullable().describe('Null while the manifest is not at hand'),
});

const next = z.string().nullable().describe('Give it as `cursor` for the next page; null on the last one');

export const channelsView = z.object({ channels: z.array(channelView), next });

export const itemsView = z.object({ items: z.array(itemView).describe('Newest first'), next });

export const searchView = z.object({ channels: z.array(channelView), items: z.array(itemView) });

export const recordsView = z.object({
  channel: z.string(),
  records: z.array(z.string().describe('Signed record, base64')),
});

export const healthView = z.object({
  status: z.enum(['ok', 'starting', 'failing']),
  version: z.string(),
  reason: z.string().nullable(),
});

export const jobSteps = ['probe', 'transcode', 'store', 'announce'] as const;
export const jobStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;

export const jobView = z.object({
  id: z.string(),
  channel: z.string(),
  file: z.string(),
  title: z.string(),
  state: z.enum(jobStates),
  step: z.enum(jobSteps).nullable(),
  percent: z.number().min(0).max(100),
  speed: z.number().nullable().describe('Times real time'),
  secondsLeft: z.number().nullable(),
  item: z.string().nullable().describe('The item, once announced'),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created: isoTime,
  updated: isoTime,
});

export const followView = z.object({
  channel: z.string(),
  name: z.string().nullable(),
  mirror: z.boolean(),
  budget: z.int().nullable().describe('Bytes; null: only the node-wide budget'),
  held: z.int().describe('Bytes held'),
  items: z.int(),
  itemsHeld: z.int(),
  state: z.enum(['waiting', 'fetching', 'complete', 'full', 'stopped', 'failing']),
  error: z.string().nullable(),
});

export const peerView = z.object({
  id: z.string(),
  addresses: z.array(z.string()),
  direction: z.enum(['inbound', 'outbound']),
  latencyMs: z.number().nullable(),
});

export const statusView = z.object({
  version: z.string(),
  node: z.string().describe('Peer id'),
  addresses: z.array(z.string()),
  gateway: z.string(),
  studio: z.string(),
  uptime: z.number().describe('Seconds'),
  peers: z.int(),
  channels: z.int(),
  items: z.int(),
  diskUsed: z.int().describe('Bytes of blocks'),
  diskFree: z.int(),
  memory: z.int().describe('Resident bytes'),
  refused: z.record(z.string(), z.int()).describe('Records refused since start, by code'),
  ffmpeg: z.string(),
});

export const jobsView = z.object({ jobs: z.array(jobView) });
export const followsView = z.object({ follows: z.array(followView) });
export const peersView = z.object({ peers: z.array(peerView) });

const name = z.string().trim().min(1).max(200);
const language = z.string().max(35).nullable();
const categories = z.array(z.string().min(1).max(64)).max(16);

export const channelCreate = z.strictObject({
  name,
  description: z.string().max(4000).default(''),
  language: language.default(null),
  categories: categories.default([]),
});

export const channelEdit = z.strictObject({
  name: name.optional(),
  description: z.string().max(4000).optional(),
  language: language.optional(),
  categories: categories.optional(),
});

const itemTexts = {
  title: z.string().trim().min(1).max(300).optional(),
  description: z.string().max(4000).optional(),
  credits: z.string().max(1000).optional(),
  language: language.optional(),
  series: z
    .strictObject({ title: z.string().min(1).max(300), season: z.int().min(0), episode: z.int().min(0) })
    .nullable()
    .optional(),
  kind: z.enum(itemKinds).optional(),
};

export const publishRequest = z.strictObject({
  file: z.string().min(1).describe('Path of the file on the node’s machine'),
  ...itemTexts,
});

export const itemEdit = z.strictObject(itemTexts);

export const followRequest = z.strictObject({
  channel: z.string(),
  mirror: z.boolean().default(false),
  budget: z.int().min(0).nullable().default(null),
});

export const channelImport = z.strictObject({
  key: z.string().min(1).max(200).describe('Ed25519 secret key, base64, as `channel export-key` gave it'),
});

export const channelKeyView = z.object({
  channel: z.string(),
  key: z.string().describe('Ed25519 secret key, base64: whoever has it is the channel'),
});

export const problemView = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
});

export type ProgrammeView = z.infer<typeof programmeView>;
export type MirrorView = z.infer<typeof mirrorView>;
export type ChannelView = z.infer<typeof channelView>;
export type RenditionView = z.infer<typeof renditionView>;
export type ItemView = z.infer<typeof itemView>;
export type ChannelsView = z.infer<typeof channelsView>;
export type ItemsView = z.infer<typeof itemsView>;
export type SearchView = z.infer<typeof searchView>;
export type RecordsView = z.infer<typeof recordsView>;
export type HealthView = z.infer<typeof healthView>;
export type JobView = z.infer<typeof jobView>;
export type JobStep = (typeof jobSteps)[number];
export type JobState = (typeof jobStates)[number];
export type FollowView = z.infer<typeof followView>;
export type PeerView = z.infer<typeof peerView>;
export type StatusView = z.infer<typeof statusView>;
export type JobsView = z.infer<typeof jobsView>;
export type FollowsView = z.infer<typeof followsView>;
export type PeersView = z.infer<typeof peersView>;
export type ChannelCreate = z.infer<typeof channelCreate>;
export type ChannelEdit = z.infer<typeof channelEdit>;
export type PublishRequest = z.infer<typeof publishRequest>;
export type ItemEdit = z.infer<typeof itemEdit>;
export type FollowRequest = z.infer<typeof followRequest>;
export type ChannelImport = z.infer<typeof channelImport>;
export type ChannelKeyView = z.infer<typeof channelKeyView>;
export type ProblemView = z.infer<typeof problemView>;

/** What `GET /api/v1/events` sends: the event's name and its data. */
export interface GatewayEvents {
  channel: { id: string };
  item: { id: string; channel: string; deleted: boolean };
  mirror: { channel: string; node: string };
}
