/** The one byte range that a request asks for (RFC 9110 §14). */

export type Range = { start: number /** Inclusive, as in the header. */; end: number };

/**
 * What a Range header asks of `size` bytes. `whole` when there is no header, when it is not understood, and when it
 * names several ranges: a server may answer any of these with everything.
 */
export function parseRange(header: string | undefined, size: number): Range | 'whole' | 'unsatisfiable' {
  const found = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(header?.trim() ?? '');
  if (found === null) return 'whole';
  const [, first, last] = found;
  if (!first) {
    if (!last) return 'whole';
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  const end = last ? Math.min(Number(last), size - 1) : size - 1;
  if (last && Number(last) < start) return 'whole';
  return start >= size ? 'unsatisfiable' : { start, end };
}
