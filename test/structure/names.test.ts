/** Folders and files named for their job, opening with a sentence on it, and none grown past one job. */
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { listFiles, parseModule, readProgram, type SourceModule } from './import-graph.ts';

const drawers = /^(utils?|helpers?|commons?|types?|misc|shared|stuff)$/;
const longest = 300;

/** Names given by convention or by what the file is to the whole, not by one export. */
const namedOtherwise = /^(main|index|app|api|node|constants|errors|lifecycle|[\w-]+\.config|[\w-]+\.d)$/;

/** Paths of which a part says only what kind of thing it is, so that anything could go there. */
function drawerFaults(paths: readonly string[]): string[] {
  return paths.filter((path) => path.split('/').some((part) => drawers.test(part.replace(/\..*$/, ''))));
}

/** Sources that do not open with a doc comment, or are too long, or are misnamed. */
function fileFaults(modules: readonly SourceModule[]): string[] {
  return modules.flatMap((module) => {
    const { file, source, exports } = module;
    const lines = source.trimEnd().split('\n').length;
    const faults = [
      /^(#!.*\n)?\/\*\*\s*\S/.test(source) ? '' : 'opens without a doc comment on its job',
      lines <= longest ? '' : `has ${lines} lines; past ${longest} a file has a second job`,
      isNamedForJob(module)
        ? ''
        : `is named neither for its job nor for one of its exports (${exports.join(', ')})`,
    ];
    return faults.filter((fault) => fault !== '').map((fault) => `${file} ${fault}`);
  });
}

/**
 * Every word of a file's name must be met among its exports (`probe.ts` may export `probeFile` or `ProbeResult`) or in
 * the line that says its job (`policy.ts`: "The policy of …"). The file named like its room is the room's face and may
 * export whatever the room offers.
 */
function isNamedForJob({ file, source, exports }: SourceModule): boolean {
  const stem = basename(file).replace(/\.(ts|tsx|js)$/, '');
  const isFaceOfRoom = basename(dirname(file)) === stem;
  if (exports.length === 0 || isFaceOfRoom || namedOtherwise.test(stem)) return true;
  if (exports.some((name) => name.toLowerCase() === stem.replaceAll('-', ''))) return true;
  const job = source.match(/\/\*\*([\s\S]*?)\*\//)?.[1] ?? '';
  const met = [...exports, job].flatMap(words);
  return words(stem).every((word) => met.some((each) => areKin(word, each)));
}

function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** `reader` and `read`, `renditions` and `rendition`, `policy` and `policies` are one word in two forms. */
function areKin(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < 4) return short === long || `${short}s` === long;
  const root = short.replace(/(e|y|es|ed|er|ing|s)$/, '');
  return long.startsWith(root) && long.length - root.length <= 4;
}

test('no drawer for everything', () => {
  const everywhere = ['node', 'web', 'protocol', 'scripts', 'test'].flatMap((dir) => listFiles(dir, /./));
  expect(drawerFaults(everywhere)).toEqual([]);
});

test('every source file says its job, keeps to it and is named for it', () => {
  expect(fileFaults(readProgram().filter(({ file }) => !file.endsWith('.d.ts')))).toEqual([]);
});

test('notices a drawer', () => {
  const paths = ['node/utils/x.ts', 'web/helpers.ts', 'protocol/types.ts', 'node/media/misc.test.ts'];
  expect(drawerFaults([...paths, 'node/media/probe.ts'])).toEqual(paths);
});

test.each([
  ['node/media/probe.ts', 'export const probe = 1;\n'],
  ['node/media/probe.ts', '// not a doc comment\nexport const probe = 1;\n'],
  ['node/media/probe.ts', `/** Probes. */\nexport const probe = 1;\n${'//\n'.repeat(299)}`],
  ['node/media/probe.ts', '/** Measures. */\nexport const measure = 1;\n'],
  ['node/media/probe.ts', '/** Measures. */\nexport const probelessness = 1;\n'],
])('notices a fault in %s: %#', (file, source) => {
  expect(fileFaults([parseModule(file, source)])).toHaveLength(1);
});

test.each([
  ['node/media/probe.ts', '/** Probes. */\nexport class ProbeError {}\n'],
  ['node/media/segment-writer.ts', '/** Writes. */\nexport interface HLSSegmentWriter {}\n'],
  ['node/media/media.ts', '/** The face. */\nexport function probe() {}\n'],
  ['node/media/playlist-reader.ts', '/** Lists. */\nexport function readPlaylist() {}\n'],
  ['node/mirror/policy.ts', '/** The policy of mirroring. */\nexport function planMirror() {}\n'],
  ['scripts/setup.js', '/** Sets up. */\nexport function setUp() {}\n'],
  ['web/player/renditions.ts', '/** Chooses. */\nexport function chooseRendition() {}\n'],
  ['web/watch.tsx', '/** The page. */\nexport default function Watch() {}\n'],
  ['scripts/start.js', '#!/usr/bin/env node\n/** Starts. */\nimport "./setup.js";\n'],
])('lets pass a good %s', (file, source) => {
  expect(fileFaults([parseModule(file, source)])).toEqual([]);
});
