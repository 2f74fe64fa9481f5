import { describe, expect, it } from 'vitest';
import { mayTurnTo } from '../../../web/verify/public-address.ts';

const publicPage = { origin: 'https://films.example.org' };
const local = [
  'localhost',
  'localhost.',
  'a.localhost',
  'printer.local',
  'nas.lan',
  'router',
  '127.0.0.1',
  '2130706433',
  '0x7f.1',
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.1',
  '192.168.1.1',
  '198.18.0.1',
  '224.0.0.1',
  '[::]',
  '[::1]',
  '[::ffff:192.168.1.1]',
  '[64:ff9b::10.0.0.1]',
  '[2002:7f00:1::]',
  '[fd00::1]',
  '[fe80::1]',
  '[ff02::1]',
];
const open = [
  'mirror.example.org',
  '8.8.8.8',
  '100.128.0.1',
  '172.32.0.1',
  '192.167.1.1',
  '[2001:db8::1]',
  '[::ffff:8.8.8.8]',
];

describe('a public page', () => {
  it.each(local)('does not turn to %s', (host) => {
    expect(mayTurnTo(new URL(`https://${host}:8443/x`), publicPage)).toBe(false);
    expect(mayTurnTo(new URL(`wss://${host}/tracker`), publicPage)).toBe(false);
  });

  it.each(open)('turns to %s', (host) => {
    expect(mayTurnTo(new URL(`https://${host}/`), publicPage)).toBe(true);
  });
});

it.each(['http://127.0.0.1:8080', 'http://192.168.1.9', 'http://nas.local', 'http://[::1]:80'])(
  'a page at %s turns to its neighbours',
  (origin) => {
    for (const host of [...local, ...open])
      expect(mayTurnTo(new URL(`http://${host}/`), { origin })).toBe(true);
  },
);
