/** Text tables for a terminal: aligned columns, nothing else. */
import { plainText } from './plain-text.ts';

/** Rows under a header line, columns two spaces apart; `whenEmpty` stands in for a table without rows. */
export function formatTable(header: string[], rows: string[][], whenEmpty: string): string {
  if (rows.length === 0) return whenEmpty;
  return align([header, ...rows]);
}

/** One `label  value` on each line; pairs whose value is null are left out. */
export function formatFields(fields: [label: string, value: string | null][]): string {
  return align(fields.filter((field): field is [string, string] => field[1] !== null));
}

function align(rows: string[][]): string {
  const cells = rows.map((row) => row.map(plainText));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  const line = (row: string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  ');
  return cells.map((row) => line(row).trimEnd()).join('\n');
}

const graphemes = new Intl.Segmenter();

/** Columns that a terminal gives the text, near enough: what a person takes for one letter is one. */
function width(text: string): number {
  return [...graphemes.segment(text)].length;
}
