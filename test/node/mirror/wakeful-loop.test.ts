import { expect, it } from 'vitest';
import { createWakefulLoop } from '../../../node/mirror/wakeful-loop.ts';
import { quiet } from '../content/open-content.ts';

/** Resolves when a pass has begun for the nth time. */
function passes(retryMs: number, outcome: () => boolean) {
  let count = 0;
  let reached: { n: number; done: () => void } | undefined;
  const loop = createWakefulLoop({
    retryMs,
    log: quiet,
    pass: async () => {
      count += 1;
      if (reached && count >= reached.n) reached.done();
      return outcome();
    },
  });
  const pass = (n: number) =>
    new Promise<void>((done) => {
      if (count >= n) done();
      else reached = { n, done };
    });
  return { loop, pass, count: () => count };
}

it('works once, rests, and works again when prodded', async () => {
  const { loop, pass, count } = passes(60_000, () => false);
  loop.start();
  await pass(1);
  await new Promise(setImmediate);
  expect(count()).toBe(1);
  loop.prod();
  await pass(2);
  await loop.stop();
  expect(count()).toBe(2);
});

it('tries again by itself when its work failed, also with an exception', async () => {
  const { loop, pass } = passes(5, () => {
    throw new Error('no peer');
  });
  loop.start();
  await pass(3);
  await loop.stop();
});

it('loses no prod that comes while it works', async () => {
  const { loop, pass } = passes(60_000, () => false);
  loop.start();
  loop.prod();
  await pass(2);
  await loop.stop();
});
