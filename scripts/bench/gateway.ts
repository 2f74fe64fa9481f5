/** `npm run bench -- gateway`: segments by CID from our gateway beside nginx serving the same bytes, by wrk. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LevelDatastore } from 'datastore-level';
import { parseConfig } from '../../node/config.ts';
import { createContent } from '../../node/content/create-content.ts';
import { createGateway } from '../../node/gateway/gateway.ts';
import { startAll, stopAll } from '../../node/lifecycle.ts';
import { createLog } from '../../node/log.ts';

const run = promisify(execFile);

/** A low rung, two seconds of 1080p at 3 Mbit/s, and two at 6 Mbit/s, which is longer than a block. */
const sizes = [64_000, 750_000, 1_500_000];
/** The size whose share counts; a low rung is told as well, where Node's cost of a request outweighs its bytes. */
const typical = 750_000;
/** Several files, so that neither side serves one over and over: 32 segments are a minute of film. */
const FILES = 32;
const CONNECTIONS = 16;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 1);
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);

const directory = await mkdtemp(join(tmpdir(), 'heliograph-bench-'));
const log = createLog('silent');
const datastore = new LevelDatastore(join(directory, 'content-db'));
await datastore.open();
const content = createContent({ dataDir: directory, libp2p: null, datastore, reserveBytes: 0, log });
const gateways = { hot: gatewayWith(96), cold: gatewayWith(0) };
const services = [content, gateways.hot, gateways.cold];
let nginx: ChildProcess | undefined;

try {
  await startAll(services);
  await mkdir(join(directory, 'ipfs'));
  const sets = new Map<number, string[]>();
  for (const size of sizes) sets.set(size, await storeFiles(size));
  const nginxUrl = await startNginx();
  const beside = { url: nginxUrl, cpu: () => cpuOf(nginx?.pid) };
  const shares: Record<'hot' | 'cold', number[]> = { hot: [], cold: [] };
  for (const [size, cids] of sets) {
    // Hot: one segment that many want at once. Cold: none is asked for twice in a row, and nothing is kept.
    for (const [which, wanted] of [
      ['hot', cids.slice(0, 1)],
      ['cold', cids],
    ] as const) {
      const script = await writeScript(`${which}-${size}`, wanted);
      const { nginx, ours, share } = await compare(script, beside, {
        url: gateways[which].url(),
        cpu: ownCpu,
      });
      shares[which].push(share);
      const row = [
        `${size} bytes, ${which}:`.padStart(22),
        `nginx ${(nginx.rate / 1e9).toFixed(2)} GB/s (${nginx.cpu.toFixed(2)} CPU s/GB),`,
        `ours ${(ours.rate / 1e9).toFixed(2)} GB/s (${ours.cpu.toFixed(2)} CPU s/GB),`,
        `${share.toFixed(2)} ×`,
      ];
      process.stdout.write(`${row.join(' ')}\n`);
    }
  }
  const bySize = (values: number[]) =>
    Object.fromEntries(values.map((value, i) => [sizes[i], Math.round(value * 1000) / 1000]));
  const [hot, cold] = [bySize(shares.hot), bySize(shares.cold)];
  const summary = {
    bench: 'gateway',
    ratio: hot[typical],
    cold: cold[typical],
    hotBySize: hot,
    coldBySize: cold,
    wanted: { ratio: 0.9, cold: 0.5 },
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} finally {
  if (nginx?.exitCode === null) {
    nginx.kill();
    await once(nginx, 'exit');
  }
  await stopAll(services);
  await datastore.close();
  await rm(directory, { recursive: true });
}

function gatewayWith(cacheMb: number) {
  const config = parseConfig({ data: directory, gateway: { host: '127.0.0.1', port: 0, cacheMb } });
  const catalogue = {
    channels: () => [],
    channel: () => undefined,
    flagged: () => false,
    items: () => [],
    item: () => undefined,
    mirrors: () => [],
    records: () => [],
    on: () => () => {},
    counts: () => ({ channels: 0, items: 0 }),
    refused: {},
  };
  const none = () => Promise.reject(new Error('there are no items here'));
  const manifests = { load: none, list: none, allows: () => false };
  const health = () => ({ status: 'ok' as const, version: '0', reason: null });
  return createGateway({ config, catalogue, manifests, content, webRoot: '', version: '0', health, log });
}

/** Stores random files and writes the same bytes for nginx; returns their CIDs. */
async function storeFiles(size: number): Promise<string[]> {
  const cids = [];
  for (let i = 0; i < FILES; i++) {
    const bytes = randomBytes(size);
    const { cid } = await content.addBytes(bytes);
    await writeFile(join(directory, 'ipfs', cid.toString()), bytes);
    cids.push(cid.toString());
  }
  await content.sync();
  return cids;
}

/** One worker, as our gateway is one process; the same log-free setting and sendfile. */
async function startNginx(): Promise<string> {
  const port = await freePort();
  const file = join(directory, 'nginx.conf');
  await writeFile(
    file,
    `daemon off; master_process off; worker_processes 1; pid ${directory}/nginx.pid; error_log ${directory}/error.log;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_temp_path ${directory}/t1; proxy_temp_path ${directory}/t2; fastcgi_temp_path ${directory}/t3;
  uwsgi_temp_path ${directory}/t4; scgi_temp_path ${directory}/t5;
  server { listen 127.0.0.1:${port}; root ${directory}; location /ipfs/ { etag on; } }
}`,
  );
  nginx = spawn('nginx', ['-c', file, '-e', join(directory, 'error.log')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let i = 0; i < 100; i++) {
    if (
      await fetch(url).then(
        () => true,
        () => false,
      )
    )
      return url;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('nginx did not start');
}

/** A wrk script that asks for the files in turn. */
async function writeScript(name: string, cids: readonly string[]): Promise<string> {
  const file = join(directory, `wrk-${name}.lua`);
  const list = cids.map((cid) => `"/ipfs/${cid}"`).join(',');
  await writeFile(
    file,
    `local paths = {${list}}
local requests = {}
local n = 0
function init(args) for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end end
function request() n = n % #requests + 1 return requests[n] end
function done(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d\\n", summary.bytes, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout))
end`,
  );
  return file;
}

interface Figure {
  /** Bytes a second. */
  rate: number;
  /** Processor seconds of the server for a gigabyte. */
  cpu: number;
}

interface Server {
  url: string;
  /** Processor seconds that it has used. */
  cpu: () => Promise<number>;
}

/**
 * Measures both close together in every round and compares within the round, since the machine is never alone and its
 * other work changes slower than that; the medians.
 */
async function compare(script: string, nginx: Server, ours: Server) {
  const rounds: { nginx: Figure; ours: Figure; share: number }[] = [];
  for (const { url } of [nginx, ours]) await measure(script, url, 1);
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [
      await figure(script, nginx),
      await figure(script, ours),
      await figure(script, ours),
      await figure(script, nginx),
    ] as const;
    const [theirs, own] = [mean(turns[0], turns[3]), mean(turns[1], turns[2])];
    rounds.push({ nginx: theirs, ours: own, share: own.rate / theirs.rate });
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const middle = (which: 'nginx' | 'ours'): Figure => ({
    rate: median(rounds.map((round) => round[which].rate)),
    cpu: median(rounds.map((round) => round[which].cpu)),
  });
  return { nginx: middle('nginx'), ours: middle('ours'), share: median(rounds.map(({ share }) => share)) };
}

async function figure(script: string, { url, cpu }: Server): Promise<Figure> {
  const before = await cpu();
  const { bytes, seconds } = await measure(script, url, SECONDS);
  return { rate: bytes / seconds, cpu: ((await cpu()) - before) / (bytes / 1e9) };
}

function mean(a: Figure, b: Figure): Figure {
  return { rate: (a.rate + b.rate) / 2, cpu: (a.cpu + b.cpu) / 2 };
}

async function measure(
  script: string,
  url: string,
  seconds: number,
): Promise<{ bytes: number; seconds: number }> {
  const settings = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url];
  const { stdout } = await run('wrk', settings);
  const [, bytes, microseconds, errors] = /RESULT (\d+) (\d+) (\d+)/.exec(stdout) ?? [];
  if (errors !== '0') throw new Error(`wrk met ${errors} errors at ${url}: ${stdout}`);
  return { bytes: Number(bytes), seconds: Number(microseconds) / 1e6 };
}

async function ownCpu(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Processor seconds that a process has used (proc(5): stat, fields 14 and 15). */
async function cpuOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
