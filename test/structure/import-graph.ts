/** Reads source files into a graph of who imports whom and what each file exports, for the structure tests. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync, Visitor } from 'rolldown/utils';

/** The repository's root directory. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One import, re-export, `import()` or `import('…').Type`. */
export interface Import {
  /** As written. */
  specifier: string;
  /** Repository path with `/` when the specifier is relative, else undefined (a package or `node:`). */
  target: string | undefined;
}

export interface SourceModule {
  /** Repository path with `/`, such as `node/media/ladder.ts`. */
  file: string;
  imports: Import[];
  /** Names exported, type names too; a default export counts under its own name when it has one. */
  exports: string[];
  source: string;
}

const sourceDirs = ['node', 'web', 'protocol', 'scripts'];
const notOurs = new Set(['node_modules', 'dist']);

/** Every module of the program (not its tests), sorted by path. */
export function readProgram(): SourceModule[] {
  return sourceDirs.flatMap((dir) => listFiles(dir, /\.(ts|tsx|js)$/)).map(readModule);
}

/** Repository paths below `dir` whose names match, without what is built or installed there. */
export function listFiles(dir: string, pattern: RegExp): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${dir}/${entry.name}`;
      if (entry.isDirectory()) return notOurs.has(entry.name) ? [] : listFiles(path, pattern);
      return pattern.test(entry.name) ? [path] : [];
    })
    .sort();
}

function readModule(file: string): SourceModule {
  return parseModule(file, readFileSync(join(root, file), 'utf8'));
}

/** The module that `source` would be at path `file`. Throws when it does not parse. */
export function parseModule(file: string, source: string): SourceModule {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${errors[0]?.message}`);
  const specifiers: string[] = [];
  const exports: string[] = [];
  const keep = (node: { type: string; value?: unknown } | null) => {
    if (node?.type === 'Literal' && typeof node.value === 'string') specifiers.push(node.value);
  };
  new Visitor({
    ImportDeclaration: (node) => keep(node.source),
    ExportAllDeclaration: (node) => keep(node.source),
    ImportExpression: (node) => keep(node.source),
    TSImportType: (node) => keep(node.source),
    ExportNamedDeclaration: (node) => {
      keep(node.source);
      if (node.declaration) exports.push(...declaredNames(node.declaration));
      for (const each of node.specifiers) {
        if (each.exported.type === 'Identifier') exports.push(each.exported.name);
      }
    },
    ExportDefaultDeclaration: (node) => exports.push(...declaredNames(node.declaration)),
  }).visit(program);
  const imports = specifiers.map((specifier) => ({ specifier, target: targetOf(file, specifier) }));
  return { file, imports, exports, source };
}

function targetOf(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''));
}

type Declaration = { type: string; id?: unknown; declarations?: { id: unknown }[]; name?: unknown };

function declaredNames(declaration: object): string[] {
  const node = declaration as Declaration;
  const ids = node.declarations ? node.declarations.map((each) => each.id) : [node.id ?? node];
  return ids.flatMap((id) => {
    const { type, name } = id as { type?: string; name?: string };
    return type === 'Identifier' && name !== undefined ? [name] : [];
  });
}

/**
 * Import cycles among the modules, each once, as a path that ends where it began.
 * Imports of types count: two files that need each other's types are one thing in two files.
 */
export function findCycles(modules: readonly SourceModule[]): string[][] {
  const graph = new Map(modules.map((each) => [each.file, each.imports.flatMap((i) => i.target ?? [])]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const walk = (file: string, path: string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) {
      cycles.push([...path.slice(at), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) {
      if (graph.has(next)) walk(next, [...path, file]);
    }
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return cycles;
}
