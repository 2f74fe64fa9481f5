import { expect, it } from 'vitest';
import { getStreamHash } from '../../node_modules/p2p-media-loader-core/lib/utils/peer.js';
import {
  generateStreamShortId,
  getStreamSwarmId,
} from '../../node_modules/p2p-media-loader-core/lib/utils/stream.js';
import { itemInfoHashes, itemSwarmId } from '../../protocol/swarm.ts';
import { manifest } from './sample-manifest.ts';

it('names swarms as the loader in the browser does', () => {
  const swarm = itemSwarmId('bafymanifest');
  const main = (bitrate: number, codecs: string, width: number, height: number) =>
    getStreamHash(
      getStreamSwarmId(swarm, {
        runtimeId: '',
        type: 'main',
        index: generateStreamShortId({ bitrate, codecs, width, height, frameRate: '23.976' }),
      }),
    );
  const secondary = (language: string, name: string) =>
    getStreamHash(
      getStreamSwarmId(swarm, {
        runtimeId: '',
        type: 'secondary',
        index: generateStreamShortId({ bitrate: 0, codecs: 'mp4a.40.2', language, channels: '2', name }),
      }),
    );
  expect(itemInfoHashes('bafymanifest', manifest)).toEqual([
    main(2_131_000, 'avc1.640028', 1920, 1080),
    main(831_000, 'avc1.4d401e', 640, 360),
    secondary('en', 'English'),
    secondary('de', 'Deutsch'),
  ]);
});
