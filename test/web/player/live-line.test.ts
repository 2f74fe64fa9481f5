import { expect, it } from 'vitest';
import { byteText, liveLine, percent } from '../../../web/player/live-line.ts';
import { StatsKeeper } from '../../../web/player/player-stats.ts';

const own = 'http://127.0.0.1:8080';

it('says that nothing came yet', () => {
  expect(liveLine(new StatsKeeper('m', 'share').snapshot(), own)).toBe('Waiting for the first segment');
});

it('says how much came from viewers, from where the rest, and how much was checked', () => {
  const stats = new StatsKeeper('m', 'share');
  for (const peer of ['a', 'b', 'c']) stats.fromViewer(peer, 'heliograph://m/v240/00001.m4s', 100);
  stats.fromViewer('a-by-another-id', 'heliograph://m/a-en/00001.m4s', 10);
  stats.fromSource('https://tv.example.org', 190);
  for (let i = 0; i < 1412; i++) stats.verified();
  expect(liveLine(stats.snapshot(), own)).toBe(
    '62 % from 3 viewers · rest from mirror tv.example.org · 1,412 segments checked',
  );
});

it('names this gateway, both of two nodes, and what was refused', () => {
  const stats = new StatsKeeper('m', 'alone');
  stats.fromSource(own, 10);
  stats.verified();
  expect(liveLine(stats.snapshot(), own)).toBe('All from this gateway · 1 segment checked');
  stats.fromSource('http://near:81', 20);
  stats.refused(own);
  expect(liveLine(stats.snapshot(), own)).toBe(
    'All from mirror near:81 and this gateway · 1 segment checked · 1 refused',
  );
});

it('never rounds to all or nothing what is neither', () => {
  expect([percent(0, 9), percent(1, 9_999), percent(9_998, 9_999), percent(9, 9)]).toEqual([
    '0 %',
    '1 %',
    '99 %',
    '100 %',
  ]);
});

it('writes bytes as people read them', () => {
  expect([byteText(900), byteText(61_234_567), byteText(2_345_000_000)]).toEqual([
    '1 kB',
    '61.2 MB',
    '2.35 GB',
  ]);
});

it('counts a viewer once though picture and sound have a swarm each', () => {
  const stats = new StatsKeeper('m', 'share');
  stats.peerCame('x', 'main');
  stats.peerCame('y', 'secondary');
  expect(stats.snapshot().viewers).toBe(1);
  stats.peerWent('x', 'main');
  stats.peerWent('y', 'secondary');
  expect(stats.snapshot().viewers).toBe(0);
});
