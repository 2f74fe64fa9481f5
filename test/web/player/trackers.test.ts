import { expect, it } from 'vitest';
import { trackerUrls } from '../../../web/player/trackers.ts';

const publicPage = { origin: 'https://own.example', protocol: 'https:' };

it('meets at the own gateway first, then at mirrors, each once', () => {
  const page = { origin: 'http://own:80', protocol: 'http:' };
  const named = ['ws://near/tracker', 'ws://near/tracker', 'nonsense', 'http://x', 'ws://own/tracker'];
  expect(trackerUrls('bitem', named, page, 1)).toEqual([
    'ws://own/tracker?item=bitem',
    'ws://near/tracker?item=bitem',
  ]);
});

it('uses only encrypted ones on an https page', () => {
  expect(trackerUrls('b', ['ws://near.example/tracker', 'wss://far.example/t'], publicPage, 1)).toEqual([
    'wss://own.example/tracker?item=b',
    'wss://far.example/t?item=b',
  ]);
});

it('takes the own one and three others out of a flood, not always the same', () => {
  const flood = Array.from({ length: 300 }, (_, index) => `wss://fake${index}.example/tracker`);
  const some = trackerUrls('b', flood, publicPage, 1);
  expect(some).toHaveLength(4);
  expect(some[0]).toBe('wss://own.example/tracker?item=b');
  expect(trackerUrls('b', flood, publicPage, 2)).not.toEqual(some);
});

it('gives one host one place', () => {
  const many = Array.from({ length: 50 }, (_, index) => `wss://victim.example/${index}`);
  expect(trackerUrls('b', many, publicPage, 1)).toHaveLength(2);
});

it('does not reach into the viewer’s own network from a public page', () => {
  const named = ['wss://192.168.1.1/tracker', 'wss://localhost/tracker', 'wss://[::1]/tracker'];
  expect(trackerUrls('b', named, publicPage, 1)).toEqual(['wss://own.example/tracker?item=b']);
});
