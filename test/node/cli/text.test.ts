/** What the CLI shows and reads as text: sizes, durations, tables, progress, errors. */
import { CommanderError } from 'commander';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseChannel } from '../../../node/cli/choose-channel.ts';
import { formatDuration, formatWait } from '../../../node/cli/duration.ts';
import { parseEndpoint } from '../../../node/cli/endpoint.ts';
import { createLineProgress, progressLine } from '../../../node/cli/job-progress.ts';
import { plainText } from '../../../node/cli/plain-text.ts';
import { reportFailure } from '../../../node/cli/report-failure.ts';
import { formatSize, parseSize } from '../../../node/cli/size.ts';
import { formatFields, formatTable } from '../../../node/cli/table.ts';
import { HeliographError } from '../../../node/errors.ts';
import type { JobView } from '../../../protocol/api.ts';
import { channelId } from '../../../protocol/channel-id.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1536, '1.5 kB'],
  [99_960, '100 kB'],
  [999_400, '999 kB'],
  [999_600, '1 MB'],
  [20e9, '20 GB'],
  [3.25e15, '3.3 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatSize(bytes)).toBe(text);
});

test.each([
  ['0', 0],
  ['1000', 1000],
  ['20GB', 20e9],
  ['20 gb', 20e9],
  ['1.5TiB', 1.5 * 2 ** 40],
  ['500M', 500e6],
  ['512KiB', 524_288],
  ['7B', 7],
])('%s is %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'GB', '-1GB', '20XB', '5i', '5iB', '1e9', '20GBs', '99999999PB', '1,5GB'])(
  'the size "%s" is refused',
  (text) => {
    expect(() => parseSize(text)).toThrow('Write a size like 20GB');
  },
);

test('a formatted size reads back to nearly the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      expect(Math.abs(parseSize(formatSize(bytes)) - bytes)).toBeLessThanOrEqual(bytes * 0.06);
    }),
  );
});

test.each([
  [0, '0:00'],
  [29.96, '0:30'],
  [245, '4:05'],
  [3599.6, '1:00:00'],
  [36_123, '10:02:03'],
])('a film of %d s lasts %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

test.each([
  [-1, '0 s'],
  [45, '45 s'],
  [200, '3 min 20 s'],
  [7200, '2 h'],
  [7505, '2 h 5 min'],
  [273_600, '3 d 4 h'],
])('a wait of %d s is %s', (seconds, text) => {
  expect(formatWait(seconds)).toBe(text);
});

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['tv.example.org:80', { host: 'tv.example.org', port: 80 }],
  [':8080', { port: 8080 }],
  ['8080', { port: 8080 }],
])('%s is an endpoint', (text, endpoint) => {
  expect(parseEndpoint(text)).toEqual(endpoint);
});

test.each(['', 'localhost', '::1:8080', '127.0.0.1:', '1.2.3.4:65536', 'a b:80', 'http://x:80'])(
  'the endpoint "%s" is refused',
  (text) => {
    expect(() => parseEndpoint(text)).toThrow('127.0.0.1:8080');
  },
);

test('a table aligns its columns and keeps control characters from the terminal', () => {
  const rows = [
    ['a', 'one\u001b[2J\ntwo'],
    ['long id', 'é'],
  ];
  expect(formatTable(['ID', 'NAME'], rows, 'none')).toBe('ID       NAME\na        one [2J two\nlong id  é');
  expect(formatTable(['ID'], [], 'none')).toBe('none');
});

test('fields without a value are left out', () => {
  expect(
    formatFields([
      ['id', '1'],
      ['language', null],
      ['name', 'n'],
    ]),
  ).toBe('id    1\nname  n');
});

test('plain text has no control characters and no turned writing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(plainText(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

const job: JobView = {
  id: 'j1',
  channel: 'k51x',
  file: '/films/a film.mp4',
  title: 'A film',
  state: 'running',
  step: 'transcode',
  percent: 35.7,
  speed: 1.84,
  secondsLeft: 125,
  item: null,
  error: null,
  created: '2026-01-01T00:00:00.000Z',
  updated: '2026-01-01T00:00:00.000Z',
};

test('a progress line says what is known', () => {
  expect(progressLine(job)).toBe('a film.mp4: transcode 35 %, 1.8×, 2 min 5 s left');
  expect(
    progressLine({ ...job, state: 'queued', step: null, percent: 0, speed: null, secondsLeft: null }),
  ).toBe('a film.mp4: queued');
});

test('a plain line comes at each step and every five percent', () => {
  const lines: string[] = [];
  const progress = createLineProgress((line) => lines.push(line));
  const still = { ...job, speed: null, secondsLeft: null };
  for (let percent = 0; percent <= 20; percent += 1) progress.show({ ...still, percent });
  progress.show({ ...still, step: 'store', percent: 21 });
  progress.end();
  expect(lines.map((line) => line.slice('a film.mp4: '.length))).toEqual([
    'transcode 0 %',
    'transcode 5 %',
    'transcode 10 %',
    'transcode 15 %',
    'transcode 20 %',
    'store 21 %',
  ]);
});

test('a channel is meant by its id, or by the name of one at hand', () => {
  const id = channelId(new Uint8Array(32).fill(7));
  const known = [
    { id: 'k51a', name: 'News' },
    { id: 'k51b', name: 'Films' },
    { id: 'k51c', name: 'films' },
    { id: 'k51d', name: null },
  ];
  expect(chooseChannel(id, [])).toBe(id);
  expect(chooseChannel('news', known)).toBe('k51a');
  expect(() => chooseChannel('FILMS', known)).toThrow('several channels; say which by id: k51b, k51c');
  expect(() => chooseChannel('radio', known)).toThrow('neither a channel id');
  expect(() => chooseChannel(id.slice(0, -1), [])).toThrow('not a channel id');
});

function report(error: unknown, json = false) {
  let out = '';
  let err = '';
  const code = reportFailure(error, {
    json,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

test('a failure is one line and, with --json, one document', () => {
  const error = new HeliographError('not-media', 'film.mp4\nis not \u001b[31mmedia');
  expect(report(error)).toEqual({ code: 1, out: '', err: 'heliograph: film.mp4 is not  [31mmedia\n' });
  expect(JSON.parse(report(error, true).out)).toEqual({
    error: { code: 'not-media', message: 'film.mp4\nis not \u001b[31mmedia' },
  });
});

test('wrong usage is told by name with a hint, and ends with 2', () => {
  const unknown = new CommanderError(
    1,
    'commander.unknownOption',
    "error: unknown option '--x'\n(Did you mean --y?)",
  );
  expect(report(unknown)).toEqual({
    code: 2,
    out: '',
    err: "heliograph: unknown option '--x' (did you mean --y?)\n",
  });
  expect(report(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)')).code).toBe(0);
});
