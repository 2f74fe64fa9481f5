/** The one error class of the node: a closed set of codes, a sentence for the person who meets it, a cause. */

export const errorCodes = [
  'bad-config',
  'bad-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'conflict',
  'too-large',
  'too-many-requests',
  'timeout',
  'cancelled',
  'data-dir-in-use',
  'data-dir-format',
  'node-not-running',
  'address-in-use',
  'unreadable',
  'vanished',
  'not-media',
  'truncated',
  'unsupported-media',
  'disk-full',
  'ffmpeg-missing',
  'ffmpeg-failed',
  'bad-block',
  'record-refused',
  'unavailable',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Says what failed, on which thing, why, and what to do, in one line fit for a terminal or a page. */
export class HeliographError extends Error {
  override readonly name = 'HeliographError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The same error if it is one of ours, else an `internal` one that keeps the original as its cause. */
export function asHeliographError(error: unknown): HeliographError {
  if (error instanceof HeliographError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new HeliographError('internal', message, { cause: error });
}
