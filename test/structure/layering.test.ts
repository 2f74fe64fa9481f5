/** Who may import whom: the house rules of the README's map, held against every import there is. */
import { isBuiltin } from 'node:module';
import { expect, test } from 'vitest';
import { parseModule, readProgram, type SourceModule } from './import-graph.ts';

const ground = new Set(['node/config.ts', 'node/errors.ts', 'node/log.ts', 'node/lifecycle.ts']);
const levels: Record<string, number> = {
  'node/cli': 5,
  'node/node.ts': 4,
  'node/control.ts': 3.5,
  'node/publish': 3,
  'node/mirror': 3,
  'node/gateway': 3,
  'node/seed': 3,
  'node/catalogue': 2,
  'node/media': 1,
  'node/content': 1,
  'node/network': 1,
  'node/data': 1,
};
const houses: Record<string, string[]> = {
  protocol: ['protocol'],
  web: ['web', 'protocol'],
  node: ['node', 'protocol'],
  scripts: ['scripts', 'node', 'protocol'],
};

/** One sentence for every import that breaks a rule. */
function layeringFaults(modules: readonly SourceModule[]): string[] {
  return modules.flatMap((module) => {
    if (
      house(module.file) === 'node' &&
      !ground.has(module.file) &&
      levels[room(module.file)] === undefined
    ) {
      return [`${module.file}: node/ has no such room`];
    }
    return module.imports.flatMap(({ specifier, target }) => {
      const fault =
        target === undefined ? packageFault(module.file, specifier) : ownFault(module.file, target);
      return fault ? [`${module.file} imports ${specifier}: ${fault}`] : [];
    });
  });
}

function packageFault(file: string, specifier: string): string | undefined {
  const buildTool = file.endsWith('.config.ts');
  if (['protocol', 'web'].includes(house(file)) && !buildTool && isBuiltin(specifier)) {
    return `${house(file)}/ runs in browsers, which have no Node built-ins`;
  }
  return undefined;
}

function ownFault(file: string, target: string): string | undefined {
  // The package's own name and version, for whoever shows them.
  if (target === 'package.json' && house(file) !== 'protocol') return undefined;
  const [from, to] = [house(file), house(target)];
  if (!houses[from]?.includes(to)) return `${from}/ may import only ${houses[from]?.join(' and ')}`;
  if (from !== 'node' || to !== 'node' || ground.has(target)) return undefined;
  if (ground.has(file)) return 'the ground imports no room';
  const [above, below] = [levels[room(file)] ?? 0, levels[room(target)] ?? 0];
  if (room(file) === room(target) || above > below) return undefined;
  return above === below ? 'rooms of one level do not import each other' : 'imports in node/ point down';
}

function house(path: string): string {
  return path.split('/')[0] ?? '';
}

/** `node/media` for every file below it; a file directly in node/ is a room of its own. */
function room(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

test('every import follows the house rules', () => {
  expect(layeringFaults(readProgram())).toEqual([]);
});

test.each([
  ['protocol/a.ts', "import '../node/errors.ts';"],
  ['protocol/a.ts', "import { join } from 'node:path';"],
  ['protocol/a.ts', "import { Buffer } from 'buffer';"],
  ['web/a.tsx', "import type { Config } from '../node/config.ts';"],
  ['web/a.tsx', "const fs = await import('node:fs');"],
  ['node/media/a.ts', "export * from '../../web/app.ts';"],
  ['node/media/a.ts', "type T = import('../content/store.ts').Store;"],
  ['node/publish/a.ts', "import '../mirror/mirror.ts';"],
  ['node/catalogue/a.ts', "import '../gateway/gateway.ts';"],
  ['node/gateway/a.ts', "import '../node.ts';"],
  ['node/node.ts', "import './cli/main.ts';"],
  ['node/log.ts', "import './media/probe.ts';"],
  ['node/errors.ts', "import './node.ts';"],
  ['node/attic/a.ts', ''],
  ['scripts/a.ts', "import '../web/app.ts';"],
])('notices a fault: %s with %s', (file, source) => {
  expect(layeringFaults([parseModule(file, source)])).toHaveLength(1);
});

test.each([
  ['protocol/a.ts', "import './b.ts'; import 'multiformats/cid';"],
  ['web/app.tsx', "import '../protocol/api.ts';"],
  ['web/vite.config.ts', "import 'node:path';"],
  ['node/cli/a.ts', "import '../node.ts'; import '../media/probe.ts'; import '../errors.ts';"],
  ['node/publish/a.ts', "import '../catalogue/a.ts'; import '../content/a.ts'; import './b.ts';"],
  ['node/node.ts', "import about from '../package.json' with { type: 'json' };"],
  ['node/log.ts', "import './errors.ts'; import 'node:fs';"],
])('lets pass what is allowed: %s with %s', (file, source) => {
  expect(layeringFaults([parseModule(file, source)])).toEqual([]);
});
