import { expect, it } from 'vitest';
import { keepResume, readResume } from '../../../web/player/resume.ts';
import { keepSharing, readSharing, sharingConfig } from '../../../web/player/sharing.ts';

function storage() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

it('keeps the choice to share', () => {
  const memory = storage();
  expect(readSharing(memory)).toBe('share');
  keepSharing(memory, 'alone');
  expect(readSharing(memory)).toBe('alone');
  memory.setItem('heliograph.sharing', 'nonsense');
  expect(readSharing(memory)).toBe('share');
});

it('says the choice in the loader’s words', () => {
  expect(sharingConfig('share')).toEqual({ isP2PDisabled: false, isP2PUploadDisabled: false });
  expect(sharingConfig('take')).toEqual({ isP2PDisabled: false, isP2PUploadDisabled: true });
  expect(sharingConfig('alone')).toEqual({ isP2PDisabled: true, isP2PUploadDisabled: true });
});

it('goes on where the viewer was, and from the start near either end', () => {
  const memory = storage();
  keepResume(memory, 'b', 700.25, 5400);
  expect(readResume(memory, 'b')).toBe(700.3);
  keepResume(memory, 'b', 5390, 5400);
  expect(readResume(memory, 'b')).toBe(0);
});
