/** Every tunable of a node, checked whole before anything opens; unknown keys are refused by name. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { HeliographError } from './errors.ts';

const port = z.int().min(0).max(65535);
const seconds = (min: number, max: number) => z.number().min(min).max(max);
const megabytes = (min: number, max: number) => z.int().min(min).max(max);
const httpUrl = z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));

/** The configuration file's shape (JSON); each description is the row of the README's config table. */
export const configSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .default(() => process.env.HELIOGRAPH_DATA || join(homedir(), '.heliograph'))
    .describe('Data directory: keys, database, blocks, jobs'),
  gateway: z
    .strictObject({
      host: z.string().min(1).default('0.0.0.0').describe('Address the public gateway listens on'),
      port: port.default(8080).describe('Port of the public gateway; 0 picks a free one'),
      url: httpUrl
        .optional()
        .describe('Public HTTP base that mirror records announce, such as https://tv.example.org'),
      cacheMb: megabytes(0, 65536).default(96).describe('Memory for hot segments, in MiB'),
      fetchTimeout: seconds(0.1, 120)
        .default(10)
        .describe('Longest wait for a CID that must come from the network, in seconds'),
      trustProxy: z
        .boolean()
        .default(false)
        .describe('Believe X-Forwarded-* headers (only behind your own proxy)'),
    })
    .prefault({}),
  studio: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address the studio listens on'),
      port: port.default(8081).describe('Port of the studio; 0 picks a free one'),
      hosts: z.array(z.string().min(1)).default([]).describe('Further Host names the studio answers to'),
    })
    .prefault({}),
  network: z
    .strictObject({
      listen: z
        .array(z.string().startsWith('/'))
        .default(['/ip4/0.0.0.0/tcp/4001', '/ip4/0.0.0.0/tcp/4002/ws', '/ip4/0.0.0.0/udp/4001/webrtc-direct'])
        .describe('libp2p multiaddrs to listen on'),
      announce: z
        .array(z.string().startsWith('/'))
        .default([])
        .describe('Multiaddrs to announce instead of those found'),
      bootstrap: z
        .array(z.string().startsWith('/'))
        .default([])
        .describe('Multiaddrs of nodes to dial at start'),
      mdns: z.boolean().default(true).describe('Find other nodes on the local network'),
      relay: z.boolean().default(true).describe('Use circuit relays and hole punching when behind a router'),
      relayServer: z.boolean().default(false).describe('Relay signalling for nodes behind routers'),
      autonat: z.boolean().default(true).describe('Ask peers whether this node can be reached from outside'),
      upnp: z.boolean().default(false).describe('Ask the router to open ports (UPnP)'),
      maxConnections: z.int().min(4).max(10000).default(100).describe('Most libp2p connections at one time'),
    })
    .prefault({}),
  media: z
    .strictObject({
      ffmpeg: z.string().min(1).optional().describe('ffmpeg to use; found by itself when absent'),
      ffprobe: z.string().min(1).optional().describe('ffprobe to use; found by itself when absent'),
      segmentSeconds: seconds(1, 10).default(2).describe('Length of a segment, in seconds'),
      maxHeight: z.int().min(240).max(2160).default(2160).describe('Tallest rendition made, in pixels'),
      copyTopRung: z
        .boolean()
        .default(true)
        .describe('Copy the top rendition without re-encoding when the source allows'),
      preset: z
        .enum(['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium', 'slow'])
        .default('veryfast')
        .describe('x264 preset: slower gives smaller files'),
      maxJobHours: z
        .number()
        .min(0.01)
        .max(240)
        .default(48)
        .describe('A transcode that runs longer is stopped'),
    })
    .prefault({}),
  mirror: z
    .strictObject({
      budgetMb: megabytes(0, 1_000_000_000)
        .default(20_000)
        .describe('Disk for mirrored channels together, in MiB'),
      parallel: z.int().min(1).max(64).default(8).describe('Segments fetched at one time'),
    })
    .prefault({}),
  disk: z
    .strictObject({
      reserveMb: megabytes(0, 1_000_000)
        .default(512)
        .describe('Free disk space that publishing and mirroring leave alone, in MiB'),
    })
    .prefault({}),
  log: z
    .enum(['silent', 'error', 'warn', 'info', 'debug'])
    .default('warn')
    .describe('How much is logged on stderr'),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigInput = z.input<typeof configSchema>;

/**
 * Validates a whole configuration. Throws `bad-config` naming every wrong key, the value met and what is allowed.
 */
export function parseConfig(input: unknown): Config {
  const result = configSchema.safeParse(input);
  if (!result.success) {
    const lines = result.error.issues.map((issue) => describeIssue(issue, input));
    throw new HeliographError('bad-config', `configuration refused: ${lines.join('; ')}`, {
      cause: result.error,
    });
  }
  return { ...result.data, data: resolve(result.data.data) };
}

function describeIssue(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === 'unrecognized_keys') {
    const where = issue.path.length > 0 ? `${issue.path.join('.')}.` : '';
    return `unknown key ${issue.keys.map((key) => `"${where}${key}"`).join(', ')}`;
  }
  let value: unknown = input;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
  const met = value === undefined ? '' : ` (got ${JSON.stringify(value)})`;
  return `"${issue.path.join('.')}"${met}: ${issue.message}`;
}
