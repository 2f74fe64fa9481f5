/** Renders the README's table of configuration keys from the schema; `--write` puts it into the README. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { configSchema } from '../node/config.ts';

export const tableStart = '<!-- config table: written by scripts/config-table.ts -->';
export const tableEnd = '<!-- end of config table -->';

interface Shape {
  description?: string;
  default?: unknown;
  properties?: Record<string, Shape>;
}

/** Defaults that depend on the person's surroundings, as a reader should see them. */
const spelledOut: Record<string, string> = { data: '`$HELIOGRAPH_DATA`, else `~/.heliograph`' };

/** The whole table in Markdown, one row a key in the order of the schema, without a line break at its end. */
export function configTable(): string {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as Shape;
  return ['| key | default | meaning |', '|---|---|---|', ...rows(schema, '')].join('\n');
}

function rows(shape: Shape, prefix: string): string[] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, each]) => {
    const key = `${prefix}${name}`;
    if (each.properties) return rows(each, `${key}.`);
    return [`| \`${key}\` | ${spelledOut[key] ?? defaultCell(each.default)} | ${each.description ?? ''} |`];
  });
}

function defaultCell(value: unknown): string {
  if (value === undefined) return '–';
  if (Array.isArray(value))
    return value.length === 0 ? 'none' : value.map((each) => `\`${each}\``).join('<br>');
  return `\`${String(value)}\``;
}

/** `readme` with the table between its two marks replaced. Throws when a mark is missing. */
export function withConfigTable(readme: string): string {
  const [start, end] = [readme.indexOf(tableStart), readme.indexOf(tableEnd)];
  if (start < 0 || end < start) throw new Error(`the README lacks "${tableStart}" or "${tableEnd}"`);
  return `${readme.slice(0, start + tableStart.length)}\n${configTable()}\n${readme.slice(end)}`;
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', 'README.md');
  if (process.argv.includes('--write')) writeFileSync(file, withConfigTable(readFileSync(file, 'utf8')));
  else process.stdout.write(`${configTable()}\n`);
}
