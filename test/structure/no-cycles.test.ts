/** No file may need itself by way of others. */
import { expect, test } from 'vitest';
import { findCycles, parseModule, readProgram } from './import-graph.ts';

test('no imports go in a circle', () => {
  expect(findCycles(readProgram()).map((cycle) => cycle.join(' → '))).toEqual([]);
});

test('notices a circle, of types too, once', () => {
  const modules = [
    parseModule('node/media/a.ts', "import './b.ts';"),
    parseModule('node/media/b.ts', "import type { C } from './c.ts';"),
    parseModule('node/media/c.ts', "export { A } from './a.ts'; import 'level';"),
    parseModule('node/media/d.ts', "import './a.ts';"),
  ];
  expect(findCycles(modules)).toEqual([
    ['node/media/a.ts', 'node/media/b.ts', 'node/media/c.ts', 'node/media/a.ts'],
  ]);
});

test('a diamond is not a circle', () => {
  const modules = [
    parseModule('node/a.ts', "import './b.ts'; import './c.ts';"),
    parseModule('node/b.ts', "import './d.ts';"),
    parseModule('node/c.ts', "import './d.ts';"),
    parseModule('node/d.ts', ''),
  ];
  expect(findCycles(modules)).toEqual([]);
});
