/** Holds what the documents say against what the program does. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { configTable, withConfigTable } from '../../scripts/config-table.ts';
import { listFiles, root } from './import-graph.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const cli = join(root, 'node', 'cli', 'main.ts');

/** Verbs of the README's command table: the first word of every code span in a row's first cell. */
function documentedVerbs(markdown: string): string[] {
  const section = markdown.split(/^## /m).find((each) => each.startsWith('Commands')) ?? '';
  const cells = section.matchAll(/^\| (`.*?`) \|/gm);
  const verbs = [...cells].flatMap((cell) =>
    [...(cell[1] ?? '').matchAll(/`([^`]+)`/g)].map((span) => span[1] ?? ''),
  );
  return verbs.map((each) =>
    each
      .split(' ')
      .filter((word) => /^[a-z][a-z-]*$/.test(word))
      .join(' '),
  );
}

/** Commands that a commander help text lists, without `help` itself. */
function helpVerbs(help: string): string[] {
  const list = help.split(/^Commands:\n/m)[1] ?? '';
  return [...list.matchAll(/^ {2}([a-z][a-z-]*)/gm)]
    .map((match) => match[1] ?? '')
    .filter((verb) => verb !== 'help');
}

/** Addresses and paths that belong to one machine or one provider, as `file: what`. */
function localTraces(file: string, text: string): string[] {
  const traces = [
    /\/\/registry\.[\w.-]+/g,
    /registry\.[\w-]+\.(org|com|io)/g,
    /(?<![\w.$}/-])\/(work|root)\/[\w.]/g,
  ];
  return traces.flatMap((trace) => [...text.matchAll(trace)].map((match) => `${file}: ${match[0]}`));
}

/** Local links and pictures of a Markdown file that lead nowhere. */
function deadLinks(file: string, markdown: string, exists: (path: string) => boolean): string[] {
  const visible = markdown.replace(/<!--[\s\S]*?-->/g, '');
  return [...visible.matchAll(/\]\(([^)\s#]+)(#[^)]*)?\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^[a-z]+:/.test(target) && !exists(join(file, '..', target)));
}

test('the README’s configuration table is the schema’s', () => {
  expect(readme, 'run: node scripts/config-table.ts --write').toBe(withConfigTable(readme));
});

test('the table has a default and a meaning for every key', () => {
  const rows = configTable().split('\n').slice(2);
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) expect(row).toMatch(/^\| `[\w.]+` \| \S.* \| \S.* \|$/);
  expect(rows).toContain('| `gateway.port` | `8080` | Port of the public gateway; 0 picks a free one |');
});

test('notices a table that is out of date', () => {
  const stale = readme.replace('`8080`', '`8079`');
  expect(stale).not.toBe(readme);
  expect(withConfigTable(stale)).not.toBe(stale);
});

test.skipIf(!existsSync(cli))('the README’s command table is the command line’s', () => {
  const help = (...verb: string[]) =>
    helpVerbs(execFileSync(process.execPath, [cli, ...verb, '--help'], { encoding: 'utf8' }));
  const actual = help().flatMap((verb) => {
    const below = help(verb).map((each) => `${verb} ${each}`);
    return below.length > 0 ? below : [verb];
  });
  const documented = documentedVerbs(readme);
  const withoutGroups = documented.filter((verb) => !documented.some((each) => each.startsWith(`${verb} `)));
  const groups = documented.filter((verb) => !withoutGroups.includes(verb));
  expect(withoutGroups.toSorted()).toEqual(actual.filter((verb) => !groups.includes(verb)).toSorted());
});

test('reads verbs from a table and from a help text', () => {
  const table =
    '## Commands\n\n| verb | does |\n|---|---|\n| `serve` | runs |\n| `jobs` · `jobs cancel ID` | x |\n\n## Next\n';
  expect(documentedVerbs(table)).toEqual(['serve', 'jobs', 'jobs cancel']);
  const help =
    'Usage: x\n\nOptions:\n  -h\n\nCommands:\n  serve [options]  runs\n  jobs             x\n                   y\n  help [command]   z\n';
  expect(helpVerbs(help)).toEqual(['serve', 'jobs']);
});

test('no file says where it was made', () => {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  const text = files
    .split('\0')
    .filter(
      (file) => /\.(ts|tsx|js|json|md|css|html|yml|sh)$|^\.|run$/.test(file) && existsSync(join(root, file)),
    );
  expect(text).toContain('README.md');
  expect(text.flatMap((file) => localTraces(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
});

test('notices where a file was made', () => {
  const [slash, dot] = ['/', '.'];
  const bad = [
    `"resolved": "https:${slash}/registry${dot}npmjs.org/x"`,
    `cd ${slash}work/main`,
    `"${slash}root/x"`,
  ];
  for (const line of bad) expect(localTraces('a.ts', line)).not.toEqual([]);
  for (const line of ['/usr/bin/chromium', 'test/work/x', '`~/.heliograph`', '/ipfs/x']) {
    expect(localTraces('a.ts', line)).toEqual([]);
  }
});

test('every local link leads somewhere', () => {
  const documents = [
    'README.md',
    'CHANGELOG.md',
    ...listFiles('scripts', /\.md$/),
    ...listFiles('test', /\.md$/),
  ];
  const dead = documents.flatMap((file) =>
    deadLinks(file, readFileSync(join(root, file), 'utf8'), (path) => existsSync(join(root, path))),
  );
  expect(dead).toEqual([]);
  expect(
    deadLinks('a/b.md', '[x](../c.md) [y](https://x.org) [z](d.md#e)', (path) => path === 'c.md'),
  ).toEqual(['d.md']);
});

test('every benchmark has its row', () => {
  const table = readFileSync(join(root, 'scripts', 'bench', 'README.md'), 'utf8');
  const names = listFiles('scripts/bench', /\.ts$/).map((file) => basename(file, '.ts'));
  expect(names.filter((name) => !table.includes(`| \`${name}\` |`))).toEqual([]);
});
