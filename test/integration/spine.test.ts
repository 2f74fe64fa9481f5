/** The whole way of a segment: published on A, mirrored by B that came later, played from B when A is gone. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChannelView, FollowView, ItemView } from '../../protocol/api.ts';
import { CHUNK_BYTES } from '../../protocol/constants.ts';
import { decodeManifest, decodeSegmentList } from '../../protocol/manifest.ts';
import { segmentCid } from '../../protocol/segment.ts';
import { eventually, NodeProcess } from './node-process.ts';
import { type PublishedFilm, publishedFilm } from './published-film.ts';

const run = promisify(execFile);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

let film: PublishedFilm;
let a: NodeProcess;
let b: NodeProcess;

async function raw(node: NodeProcess, cid: string): Promise<Uint8Array> {
  const response = await fetch(`${node.ready.gateway}/ipfs/${cid}?format=raw`);
  expect(response.status).toBe(200);
  return new Uint8Array(await response.arrayBuffer());
}

beforeAll(async () => {
  film = await publishedFilm();
  a = await NodeProcess.start(film.data);
  b = await NodeProcess.start(`${film.directory}/b`, { network: { bootstrap: a.ready.addresses } });
});

afterAll(async () => {
  await Promise.all([a?.kill(), b?.kill()]);
  await film?.remove();
});

describe('a node that comes late', () => {
  it('lists the channel within 5 seconds of its start', async () => {
    const began = performance.now();
    const channels = await eventually(
      'the channel came',
      async () => {
        const { channels } = await b.json<{ channels: ChannelView[] }>('/api/v1/channels');
        return channels.length > 0 && channels;
      },
      5000,
    );
    expect(channels[0]).toMatchObject({ id: film.channel, name: 'Sunlight' });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('mirrors all of it, and says so', async () => {
    await b.cli('follow', film.channel, '--mirror');
    const follow = await eventually('the mirror is complete', async () => {
      const follows = await b.cli<FollowView[]>('follows');
      const found = follows.find(({ channel }) => channel === film.channel);
      return found?.state === 'complete' && found;
    });
    expect(follow).toMatchObject({ items: 1, itemsHeld: 1, error: null });
    const { mirrors } = await eventually('A hears of the mirror', async () => {
      const channel = await a.json<ChannelView>(`/api/v1/channels/${film.channel}`);
      return channel.mirrors.length === 2 && channel;
    });
    expect(mirrors.map(({ node }) => node).sort()).toEqual([a.ready.peer, b.ready.peer].sort());
  });
});

describe('when the publisher is gone', () => {
  beforeAll(() => a.kill());

  it('serves every segment as the bytes of its CID, those of several blocks too', async () => {
    const { manifest: cid } = await b.json<ItemView>(`/api/v1/items/${film.item}`);
    const block = await raw(b, cid);
    const manifest = decodeManifest(block);
    if (manifest === null) throw new Error('the manifest is none');
    let checked = 0;
    let large = 0;
    for (const rendition of manifest.renditions) {
      const list = decodeSegmentList(await raw(b, rendition.list.toString()));
      if (list === null) throw new Error('the segment list is none');
      const files = list.segments.map(([cid, size]) => ({ cid, size }));
      for (const { cid, size } of list.init ? [list.init, ...files] : files) {
        const response = await fetch(`${b.ready.gateway}/ipfs/${cid}`);
        const bytes = new Uint8Array(await response.arrayBuffer());
        expect(bytes.byteLength).toBe(size);
        expect((await segmentCid(bytes, sha256)).toString()).toBe(cid.toString());
        expect(response.headers.get('etag')).toBe(`"${cid}"`);
        checked += 1;
        if (size > CHUNK_BYTES) large += 1;
      }
    }
    expect(checked).toBeGreaterThan(80);
    expect(large).toBeGreaterThan(0);
  });

  it('plays to ffprobe in every rendition, for the length of the film', async () => {
    const master = `${b.ready.gateway}/hls/items/${film.item}/master.m3u8`;
    const { stdout } = await run('ffprobe', [
      '-v',
      'error',
      '-show_format',
      '-show_streams',
      '-of',
      'json',
      master,
    ]);
    const { format, streams } = JSON.parse(stdout) as {
      format: { duration: string };
      streams: { codec_type: string; height?: number }[];
    };
    expect(Math.abs(Number(format.duration) - 30)).toBeLessThan(0.2);
    const heights = streams.filter(({ codec_type }) => codec_type === 'video').map(({ height }) => height);
    expect(heights).toEqual([1080, 720, 480, 360, 240]);
    expect(streams.some(({ codec_type }) => codec_type === 'audio')).toBe(true);
  });

  it('decodes from first to last frame without an error', async () => {
    const playlist = `${b.ready.gateway}/hls/items/${film.item}/v240/index.m3u8`;
    const { stdout, stderr } = await run('ffprobe', [
      ...['-v', 'error', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'],
      ...['-of', 'csv=p=0', playlist],
    ]);
    expect(stderr).toBe('');
    expect(stdout.trim().split(/\s+/)[0]).toBe('720');
  });

  it('has no last segment too short for a player to give it time', async () => {
    for (const rendition of ['v240', 'v1080', 'a-und']) {
      const response = await fetch(`${b.ready.gateway}/hls/items/${film.item}/${rendition}/index.m3u8`);
      const lengths = [...(await response.text()).matchAll(/#EXTINF:([\d.]+)/g)].map((match) =>
        Number(match[1]),
      );
      expect(lengths.at(-1)).toBeGreaterThanOrEqual(0.05);
    }
  });

  it('plays in VLC to the end', async () => {
    const master = `${b.ready.gateway}/hls/items/${film.item}/master.m3u8`;
    const vlc = [
      'cvlc',
      '--vout',
      'dummy',
      '--aout',
      'dummy',
      '--play-and-exit',
      '--start-time',
      '25',
      '-vv',
      master,
    ];
    // VLC refuses to run as root.
    const [program, ...args] = process.getuid?.() === 0 ? [...asNobody, ...vlc] : vlc;
    const { stderr } = await run(program ?? '', args, {
      timeout: 60_000,
      maxBuffer: 64 << 20,
      env: { ...process.env, HOME: '/nonexistent' },
    });
    const said = (line: string) => stderr.includes(line);
    expect(said('using video decoder module "avcodec"'), 'it decodes video').toBe(true);
    expect(said('using audio decoder module'), 'it decodes audio').toBe(true);
    expect(said('end of playlist, exiting'), 'it plays to the end').toBe(true);
  });

  it('keeps its listing over a restart', async () => {
    await b.stop();
    b = await NodeProcess.start(`${film.directory}/b`);
    const item = await b.json<ItemView>(`/api/v1/items/${film.item}`);
    expect(item.title).toBe('Big Buck Bunny');
    const response = await fetch(`${b.ready.gateway}/hls/items/${film.item}/v240/00001.m4s`);
    expect(response.status).toBe(200);
  });
});
