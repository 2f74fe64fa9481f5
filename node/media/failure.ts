/** Says in one line why a run of ffmpeg failed, from how it ended and what it last said. Pure. */
import { type ErrorCode, HeliographError } from '../errors.ts';
import type { Ran } from './ffmpeg.ts';

const fullDisk = /No space left on device|Disk quota exceeded/;

/** What ffmpeg's words mean; the first that matches wins, so causes stand before their consequences. */
const meanings: [RegExp, ErrorCode, string][] = [
  [fullDisk, 'disk-full', 'the disk is full'],
  [/File too large/, 'too-large', 'a file made of it grew larger than allowed'],
  [
    /Cannot allocate memory|malloc of size|Error allocating|pthread_create/,
    'ffmpeg-failed',
    'ffmpeg needs more memory than it may use',
  ],
  [
    /Decoder .*not found|Unknown decoder|Could not find tag|no decoder found/,
    'unsupported-media',
    'it is of a kind that ffmpeg can not read',
  ],
];

/** The error for a run that did not end well, which is its cause. `name` is the file as a person knows it. */
export function failure(name: string, ran: Ran, limitSeconds: number): HeliographError {
  const fail = (code: ErrorCode, why: string) => new HeliographError(code, `${name}: ${why}`, { cause: ran });
  if (ran.ended === 'cancelled') return fail('cancelled', 'the transcode was cancelled');
  if (ran.ended === 'timeout' || ran.killedBy === 'SIGXCPU') {
    return fail('timeout', `the transcode took longer than ${Math.round(limitSeconds)} s and was stopped`);
  }
  if (ran.ended === 'not-started') return fail('ffmpeg-missing', 'ffmpeg could not be started');
  for (const [words, code, why] of meanings) if (words.test(ran.stderr)) return fail(code, why);
  if (ran.killedBy) {
    return fail(
      'ffmpeg-failed',
      `ffmpeg was ended from outside (${ran.killedBy}), perhaps for want of memory`,
    );
  }
  const last = lastWords(ran.stderr);
  return fail('ffmpeg-failed', `ffmpeg failed with code ${ran.code}${last ? `: ${last}` : ''}`);
}

/** True when a write failed for want of room, whatever the exit code says. */
export function diskWasFull(ran: Pick<Ran, 'stderr'>): boolean {
  return fullDisk.test(ran.stderr);
}

/** Its last line that says something, without the address of the thing that said it. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) =>
      line
        .replace(/^(\[[^\]]*\] )+/, '')
        .replace(/\p{Cc}/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !/^Conversion failed|^Last message repeated/.test(line));
  return (lines.at(-1) ?? '').slice(0, 160);
}
