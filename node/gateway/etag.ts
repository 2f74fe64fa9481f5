/** Entity tags: what a client already has, and whether its partial copy is of the same thing (RFC 9110 §13). */

/** A strong tag for content that never changes under this name. */
export function etag(name: string): string {
  return `"${name}"`;
}

/** Whether an If-None-Match header names this tag, so that nothing need be sent. Weak comparison. */
export function clientHas(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag.replace(/^W\//, ''));
}

/** Whether a Range header still counts: no If-Range, or one that names this very content. Strong comparison. */
export function rangeCounts(ifRange: string | undefined, tag: string): boolean {
  return ifRange === undefined || (ifRange.trim() === tag && !tag.startsWith('W/'));
}
