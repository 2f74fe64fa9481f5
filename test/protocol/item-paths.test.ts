import { expect, it } from 'vitest';
import {
  INIT,
  mediaPlaylistPath,
  parseItemPath,
  segmentName,
  storyboardImageName,
} from '../../protocol/item-paths.ts';

it('reads back every path it writes', () => {
  expect(parseItemPath('master.m3u8')).toEqual({ what: 'master' });
  expect(parseItemPath(mediaPlaylistPath('v1080'))).toEqual({ what: 'playlist', rendition: 'v1080' });
  expect(parseItemPath(`v1080/${INIT}`)).toEqual({ what: 'init', rendition: 'v1080' });
  expect(parseItemPath(`a-en/${segmentName('audio', 41)}`)).toMatchObject({ rendition: 'a-en', index: 41 });
  expect(parseItemPath(`s-en/${segmentName('subtitle', 0)}`)).toMatchObject({ index: 0, extension: 'vtt' });
  expect(parseItemPath(storyboardImageName(2))).toEqual({ what: 'storyboard-image', index: 2 });
});

it.each([
  '',
  '/',
  '../master.m3u8',
  'v1080/../x',
  'v1080',
  'V1080/index.m3u8',
  'v1080/1.m4s',
  'v1080/00001.ts',
  'a/b/c',
  'master.m3u8/',
])('finds nothing at %j', (path) => {
  expect(parseItemPath(path)).toBeNull();
});
