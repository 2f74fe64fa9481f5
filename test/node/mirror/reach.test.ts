import { expect, it } from 'vitest';
import { allLoopback, httpBases, trackerUrls } from '../../../node/mirror/reach.ts';

const lan = ['192.168.1.5', '10.0.0.2'];
const at = (host: string, publicUrl?: string) => ({ host, port: 8080, publicUrl });

it('announces what its owner says, and only that', () => {
  expect(httpBases(at('0.0.0.0', 'https://tv.example.org'), lan, false)).toEqual(['https://tv.example.org']);
});

it('announces each address when it listens on all', () => {
  expect(httpBases(at('0.0.0.0'), lan, false)).toEqual(['http://192.168.1.5:8080', 'http://10.0.0.2:8080']);
  expect(httpBases(at('::1'), lan, false)).toEqual([]);
  expect(httpBases(at('fd00::1'), lan, false)).toEqual(['http://[fd00::1]:8080']);
});

it('announces loopback only when the whole node is there', () => {
  expect(httpBases(at('127.0.0.1'), lan, false)).toEqual([]);
  expect(httpBases(at('127.0.0.1'), lan, true)).toEqual(['http://127.0.0.1:8080']);
  expect(httpBases(at('0.0.0.0'), lan, true)).toEqual(['http://127.0.0.1:8080']);
  expect(allLoopback(['/ip4/127.0.0.1/tcp/1/p2p/x', '/ip6/::1/tcp/1'])).toBe(true);
  expect(allLoopback(['/ip4/127.0.0.1/tcp/1', '/ip4/10.0.0.1/tcp/1'])).toBe(false);
});

it('puts a tracker beside each gateway', () => {
  expect(trackerUrls(['http://a:1', 'https://b'])).toEqual(['ws://a:1/tracker', 'wss://b/tracker']);
});
