import { expect, it } from 'vitest';
import { lengthText } from '../../../web/cards/length-text.ts';
import { morseOf, sigilTraits } from '../../../web/cards/sigil.tsx';

it('writes lengths', () => {
  expect([lengthText(0.2), lengthText(65), lengthText(3723)]).toEqual(['0:01', '1:05', '1:02:03']);
});

it('draws the same channel the same way everywhere, and another one otherwise', () => {
  expect(sigilTraits('k51a', 'Sunlight TV')).toEqual(sigilTraits('k51a', 'Sunlight TV'));
  expect(sigilTraits('k51a', 'x')).not.toEqual(sigilTraits('k51b', 'x'));
});

it('flashes the initials', () => {
  expect(morseOf('Sunlight Österreich 24')).toBe('···  –––  ··–––');
  expect(morseOf('《》')).toBe('');
});
