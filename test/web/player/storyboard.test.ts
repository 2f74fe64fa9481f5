import { expect, it } from 'vitest';
import { storyboardCues } from '../../../web/player/storyboard.ts';

it('reads cues with and without an area, with and without hours', () => {
  const vtt = `WEBVTT

00:00.000 --> 00:10.000
storyboard-001.jpg#xywh=0,0,160,90

01:00:10.000 --> 01:00:20.500
storyboard-002.jpg
`;
  expect(storyboardCues(vtt, 2)).toEqual([
    { startTime: 0, endTime: 10, image: 0, area: { x: 0, y: 0, width: 160, height: 90 } },
    { startTime: 3610, endTime: 3620.5, image: 1, area: null },
  ]);
});

it('leaves out pictures that the manifest does not name', () => {
  const vtt = 'WEBVTT\n\n00:00.000 --> 00:10.000\nhttps://elsewhere/storyboard-001.jpg\n\n';
  expect(storyboardCues(`${vtt}00:10.000 --> 00:20.000\nstoryboard-003.jpg\n`, 2)).toEqual([]);
});
