/** Finds the ffmpeg and ffprobe to use: the system's when new enough, else those that npm brought. */
import { access, constants } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Config } from '../config.ts';
import { HeliographError } from '../errors.ts';
import { run } from './ffmpeg.ts';
import { findGuard, type Guard } from './guard.ts';

export interface Tool {
  path: string;
  /** As the tool says it, such as `5.1.9-0+deb12u1`. */
  version: string;
  origin: 'configured' | 'system' | 'shipped';
}

/** Both tools and what surrounds every run of them. */
export interface Tools {
  ffmpeg: Tool;
  ffprobe: Tool;
  /** Can turn HDR into SDR. */
  tonemap: boolean;
  guard: Guard;
}

const oldestSystem = 5;
const wantedEncoders = ['libx264', 'aac', 'mjpeg', 'webvtt'];
const patienceMs = 30_000;

/**
 * Finds both tools. Throws `ffmpeg-missing` naming what was tried, and `bad-config` when a configured one is unfit.
 */
export async function findTools(
  settings: Pick<Config['media'], 'ffmpeg' | 'ffprobe'>,
  signal?: AbortSignal,
): Promise<Tools> {
  const guard = await findGuard(signal);
  const ffmpeg = await findTool('ffmpeg', settings.ffmpeg, signal);
  const ffprobe = await findTool('ffprobe', settings.ffprobe, signal);
  const filters = await ask(ffmpeg.path, ['-hide_banner', '-filters'], signal);
  return { ffmpeg, ffprobe, guard, tonemap: / zscale /.test(filters) && / tonemap /.test(filters) };
}

/** One line for the node's start: which ffmpeg, which version, from where. */
export function describeTools(tools: Tools): string {
  const say = (name: string, tool: Tool) => `${name} ${tool.version} (${tool.origin}: ${tool.path})`;
  return `${say('ffmpeg', tools.ffmpeg)}, ${say('ffprobe', tools.ffprobe)}`;
}

async function findTool(
  name: 'ffmpeg' | 'ffprobe',
  configured: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Tool> {
  if (configured !== undefined) {
    const version = await versionOf(name, configured, signal);
    if (version) return { path: configured, version, origin: 'configured' };
    throw new HeliographError(
      'bad-config',
      `configuration refused: "media.${name}" (got ${JSON.stringify(configured)}) is not a working ${name} with H.264 and AAC`,
    );
  }
  const tried: string[] = [];
  for (const folder of (process.env.PATH ?? '/usr/bin:/bin').split(':').filter((f) => f.startsWith('/'))) {
    const path = join(folder, name);
    if (!(await executable(path))) continue;
    const version = await versionOf(name, path, signal);
    if (version && Number(/^n?(\d+)/.exec(version)?.[1] ?? 0) >= oldestSystem) {
      return { path, version, origin: 'system' };
    }
    tried.push(`${path} ${version ? `is ${version}` : 'does not work or lacks H.264 or AAC'}`);
  }
  const path = shipped(name);
  const version = path === null ? null : await versionOf(name, path, signal);
  if (path !== null && version) return { path, version, origin: 'shipped' };
  tried.push(`npm has none for ${process.platform}-${process.arch}`);
  throw new HeliographError(
    'ffmpeg-missing',
    `no usable ${name} (${tried.join('; ')}): install ffmpeg ${oldestSystem} or newer, or set "media.${name}"`,
  );
}

/** Where npm put its own, or null. */
function shipped(name: 'ffmpeg' | 'ffprobe'): string | null {
  const scope = name === 'ffmpeg' ? '@ffmpeg-binary' : '@ffprobe-installer';
  const { resolve } = createRequire(import.meta.url);
  try {
    return join(dirname(resolve(`${scope}/${process.platform}-${process.arch}/package.json`)), name);
  } catch {
    return null;
  }
}

async function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Its version when it runs and, for ffmpeg, can make what we need; else null. */
async function versionOf(
  name: 'ffmpeg' | 'ffprobe',
  path: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const version = /^ff(?:mpeg|probe) version (\S+)/.exec(await ask(path, ['-version'], signal))?.[1] ?? null;
  if (version === null || name === 'ffprobe') return version;
  const encoders = await ask(path, ['-hide_banner', '-encoders'], signal);
  return wantedEncoders.every((encoder) => encoders.includes(` ${encoder} `)) ? version : null;
}

async function ask(path: string, args: string[], signal: AbortSignal | undefined): Promise<string> {
  const ran = await run({ argv: [path, ...args], timeoutMs: patienceMs, ...(signal ? { signal } : {}) });
  if (ran.ended === 'cancelled') throw new HeliographError('cancelled', 'looking for ffmpeg was cancelled');
  return ran.code === 0 ? ran.stdout : '';
}
