import { expect, it } from 'vitest';
import { SeenMemory } from '../../../web/verify/seen-memory.ts';

function storage(initial: Record<string, string> = {}) {
  const kept = new Map(Object.entries(initial));
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

it('gives back what it was told', () => {
  const memory = new SeenMemory(storage());
  memory.rememberSeen('k1', new Map([['channel/k1', 7]]));
  memory.rememberMirrors('k1', ['http://mirror']);
  expect(memory.seen('k1')).toEqual(new Map([['channel/k1', 7]]));
  expect(memory.mirrors('k1')).toEqual(['http://mirror']);
  expect(memory.seen('k2').size).toBe(0);
});

it('knows which mirrors worked, the latest first, until they fail', () => {
  const memory = new SeenMemory(storage());
  for (const base of ['http://a', 'http://b', 'http://a']) memory.rememberWorking('k1', base);
  expect(memory.working('k1')).toEqual(['http://a', 'http://b']);
  memory.forgetWorking('k1', 'http://a');
  expect(memory.working('k1')).toEqual(['http://b']);
  expect(memory.working('k2')).toEqual([]);
});

it('begins anew when what it kept is damaged', () => {
  const damaged = storage({ 'heliograph.seen.k1': '{"a":', 'heliograph.mirrors.k1': '"x"' });
  const memory = new SeenMemory(damaged);
  expect(memory.seen('k1').size).toBe(0);
  expect(memory.mirrors('k1')).toEqual([]);
});

it('plays on when nothing may be kept', () => {
  const memory = new SeenMemory({
    getItem: () => null,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  });
  expect(() => memory.rememberMirrors('k1', ['http://mirror'])).not.toThrow();
});
