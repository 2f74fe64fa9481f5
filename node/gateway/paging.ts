/** A long list in pages, by a cursor that stays good while the list changes. */
import * as z from 'zod';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 500;

export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).describe('Entries on a page'),
  cursor: z
    .string()
    .max(120)
    .regex(/^\d{1,9}\.[a-z0-9]+$/, 'not a cursor that came from here')
    .optional()
    .describe('`next` of the page before'),
});

export interface Page<T> {
  entries: T[];
  next: string | null;
}

/**
 * One page. A cursor is the place and id of the last entry shown: when new entries pushed it down it is found by its
 * id; when it is gone, the page begins where it was.
 */
export function pageOf<T>(
  list: readonly T[],
  idOf: (entry: T) => string,
  { limit, cursor }: z.output<typeof pageQuery>,
): Page<T> {
  const start = cursor === undefined ? 0 : startAfter(list, idOf, cursor);
  const entries = list.slice(start, start + limit);
  const last = entries.at(-1);
  const end = start + entries.length;
  return { entries, next: last !== undefined && end < list.length ? `${end - 1}.${idOf(last)}` : null };
}

function startAfter<T>(list: readonly T[], idOf: (entry: T) => string, cursor: string): number {
  const [place = '', id = ''] = cursor.split('.');
  const guess = Number(place);
  const there = list[guess];
  if (there !== undefined && idOf(there) === id) return guess + 1;
  const found = list.findIndex((entry) => idOf(entry) === id);
  return found >= 0 ? found + 1 : guess;
}
