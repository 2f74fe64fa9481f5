/** Golden vectors: bytes and names that other programs rely on. A changed vector is a change of the wire. */
import { readFileSync, writeFileSync } from 'node:fs';
import { bytesToHex } from '@noble/hashes/utils.js';
import { expect, it } from 'vitest';
import { channelId } from '../../protocol/channel-id.ts';
import { cborCid } from '../../protocol/cid.ts';
import { TOMBSTONE_SEQ } from '../../protocol/constants.ts';
import { itemId } from '../../protocol/item-id.ts';
import { encodeLibrary, encodeLibraryPages } from '../../protocol/library.ts';
import { encodeManifest, encodeSegmentList } from '../../protocol/manifest.ts';
import { renderMaster, renderMedia } from '../../protocol/playlist.ts';
import { itemInfoHashes } from '../../protocol/swarm.ts';
import { channelDigest, encodeSyncFrame, encodeSyncRequest } from '../../protocol/sync.ts';
import { signRecord } from '../../protocol/verified.ts';
import { audioList, audioOnly, manifest, subtitleList, videoList } from './sample-manifest.ts';
import {
  channelRecord,
  editorKey,
  editorSecret,
  itemRecord,
  mirrorRecord,
  NOW,
  nodeSecret,
  rootKey,
  rootSecret,
} from './sample-records.ts';

const hex = bytesToHex;
const nonce = itemRecord().nonce;
const manifestCid = cborCid(encodeManifest(manifest)).toString();
const [video, , audio, , subtitle] = manifest.renditions;
if (!video || !audio || !subtitle) throw new Error('the sample manifest has changed');
const libraryPages = encodeLibraryPages([[itemId(rootKey, nonce), cborCid(Uint8Array.of(1))]]);

const vectors: Record<string, string | string[]> = {
  'channel id': channelId(rootKey),
  'item id': itemId(rootKey, nonce),
  'channel record': hex(
    signRecord(channelRecord({ keys: [{ key: editorKey, scope: 'editor', until: NOW }] }), rootSecret),
  ),
  'channel tombstone': hex(
    signRecord(channelRecord({ deleted: true, seq: TOMBSTONE_SEQ, name: '' }), rootSecret),
  ),
  'item record by an editor': hex(signRecord(itemRecord(), editorSecret)),
  'mirror record': hex(signRecord(mirrorRecord(), nodeSecret)),
  manifest: hex(encodeManifest(manifest)),
  'manifest cid': manifestCid,
  'segment list': hex(encodeSegmentList(videoList)),
  'library page': libraryPages.map(hex),
  library: hex(encodeLibrary(libraryPages.map(cborCid))),
  'sync request': hex(
    encodeSyncRequest({ v: 1, have: [[channelId(rootKey), channelDigest([cborCid(nonce)])]] }),
  ),
  'sync frame': hex(encodeSyncFrame({ v: 1, records: [Uint8Array.of(1, 2)], done: true })),
  'swarm info hashes': itemInfoHashes(manifestCid, manifest),
  'swarm info hashes of audio alone': itemInfoHashes(manifestCid, audioOnly),
  'master playlist': renderMaster(manifest).split('\n'),
  'master playlist of audio alone': renderMaster(audioOnly).split('\n'),
  'video playlist': renderMedia(video, videoList).split('\n'),
  'audio playlist': renderMedia(audio, audioList).split('\n'),
  'subtitle playlist': renderMedia(subtitle, subtitleList).split('\n'),
};

const file = new URL('./golden/vectors.json', import.meta.url);
if (process.env.UPDATE_GOLDEN) writeFileSync(file, `${JSON.stringify(vectors, null, 2)}\n`);
const golden = JSON.parse(readFileSync(file, 'utf8')) as typeof vectors;

it.each(Object.keys(vectors))('%s', (name) => {
  expect(vectors[name]).toEqual(golden[name]);
});

it('has no vector that nothing makes any more', () => {
  expect(Object.keys(golden)).toEqual(Object.keys(vectors));
});
