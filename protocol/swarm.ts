/** The names of an item's viewer swarms as p2p-media-loader 2.3 derives them, so that a tracker knows its own. */
import { sha1 } from '@noble/hashes/legacy.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { base64pad } from 'multiformats/bases/base64';
import type { Manifest, Rendition } from './manifest.ts';

/** Viewers of one manifest help each other whichever mirror they came by, so the manifest names the swarm. */
export function itemSwarmId(manifestCid: string): string {
  return manifestCid;
}

/** The 20-character info hashes under which viewers of this item announce themselves to a tracker. */
export function itemInfoHashes(manifestCid: string, manifest: Manifest): string[] {
  const swarm = itemSwarmId(manifestCid);
  const streams = swarmStreams(manifest);
  return streams.map(([type, index]) =>
    base64pad.baseEncode(sha1(utf8ToBytes(`v2-${swarm}-${type}-${index}`)).slice(0, 15)),
  );
}

function swarmStreams(manifest: Manifest): ['main' | 'secondary', string][] {
  const videos = manifest.renditions.filter((r) => r.kind === 'video');
  const audios = manifest.renditions.filter((r) => r.kind === 'audio');
  const loudest = audios.reduce((most, r) => Math.max(most, r.bandwidth), 0);
  const audioCodecs = [...new Set(audios.map((r) => r.codecs.toLowerCase()))].sort().join(',');
  if (videos.length === 0) return audios.map((r) => ['main', streamIndex({ bitrate: r.bandwidth })]);
  return [
    ...videos.map((r): ['main', string] => [
      'main',
      streamIndex({
        bitrate: r.bandwidth + loudest,
        codec: r.codecs,
        width: r.width,
        height: r.height,
        frameRate: r.frameRate,
      }),
    ]),
    ...audios.map((r): ['secondary', string] => [
      'secondary',
      streamIndex({
        bitrate: 0,
        codec: audioCodecs,
        language: r.language,
        channels: r.channels,
        name: r.name,
      }),
    ]),
  ];
}

type StreamTraits = { bitrate: number; codec?: string } & Partial<
  Pick<Rendition, 'width' | 'height' | 'frameRate' | 'language' | 'channels' | 'name'>
>;

function streamIndex(traits: StreamTraits): string {
  const traitList = [
    traits.bitrate,
    traits.codec?.toLowerCase() ?? '',
    traits.width ?? '',
    traits.height ?? '',
    traits.language && traits.language !== 'und' ? traits.language.slice(0, 2).toLowerCase() : '',
    traits.channels ?? '',
    traits.name?.toLowerCase().trim() ?? '',
    traits.frameRate ? Number(traits.frameRate) : '',
    '',
  ];
  return base64pad.baseEncode(sha1(utf8ToBytes(traitList.join('-'))));
}
