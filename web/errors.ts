/** What can go wrong on a viewer's side: one class, a closed set of codes, and plain words for each. */

export type WebErrorCode =
  | 'unreachable'
  | 'timed-out'
  | 'not-found'
  | 'too-large'
  | 'wrong-bytes'
  | 'no-source'
  | 'not-valid'
  | 'unsupported'
  | 'stopped';

export class WebError extends Error {
  override readonly name = 'WebError';
  readonly code: WebErrorCode;

  constructor(code: WebErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const words: Record<WebErrorCode, string> = {
  unreachable: 'No answer came. Is the node running, and is this device on its network?',
  'timed-out': 'The answer took too long. The node may be busy or far away.',
  'not-found': 'Nothing is here by that name. It may have been taken down, or not have arrived yet.',
  'too-large': 'The answer was larger than it may be, so it was thrown away.',
  'wrong-bytes': 'What came is not what the publisher signed, so it was thrown away.',
  'no-source': 'No node that was asked has a true copy of this right now.',
  'not-valid': 'The answer was not in a form that this player knows. Is the node up to date?',
  unsupported: 'This browser cannot play checked video. A current Chrome, Firefox, Edge or Safari can.',
  stopped: 'This was stopped.',
};

/** What to tell a person about anything that was thrown. */
export function plainWords(error: unknown): string {
  return error instanceof WebError ? words[error.code] : 'Something unexpected went wrong in this page.';
}

/** The code of anything that was thrown; what is not ours counts as no answer. */
export function errorCode(error: unknown): WebErrorCode {
  return error instanceof WebError ? error.code : 'unreachable';
}
