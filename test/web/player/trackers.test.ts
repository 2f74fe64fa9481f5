import { expect, it } from 'vitest';
import { trackerUrls } from '../../../web/player/trackers.ts';

it('meets at the own gateway first, then at mirrors, each once', () => {
  const page = { origin: 'http://own:80', protocol: 'http:' };
  expect(
    trackerUrls('bitem', ['ws://near/tracker', 'ws://near/tracker', 'nonsense', 'http://x'], page),
  ).toEqual(['ws://own/tracker?item=bitem', 'ws://near/tracker?item=bitem']);
});

it('uses only encrypted ones on an https page', () => {
  const page = { origin: 'https://own', protocol: 'https:' };
  expect(trackerUrls('b', ['ws://near/tracker', 'wss://far/tracker'], page)).toEqual([
    'wss://own/tracker?item=b',
    'wss://far/tracker?item=b',
  ]);
});
