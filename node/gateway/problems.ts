/** Errors as RFC 9457 problem details: one table from code to status, for both listeners. */
import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { ProblemView } from '../../protocol/api.ts';
import { asHeliographError, type ErrorCode, HeliographError } from '../errors.ts';

const statuses = {
  'bad-config': 500,
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'too-many-requests': 429,
  timeout: 504,
  cancelled: 409,
  'data-dir-in-use': 500,
  'data-dir-format': 500,
  'node-not-running': 503,
  'address-in-use': 500,
  unreadable: 422,
  vanished: 422,
  'not-media': 422,
  truncated: 422,
  'unsupported-media': 422,
  'disk-full': 507,
  'ffmpeg-missing': 503,
  'ffmpeg-failed': 500,
  'bad-block': 502,
  'record-refused': 422,
  unavailable: 503,
  internal: 500,
} satisfies Record<ErrorCode, number>;

/** Codes whose sentence is written for whoever asks; the sentence of any other may name files of this machine. */
const publicCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'bad-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'conflict',
  'too-large',
  'too-many-requests',
  'timeout',
  'unavailable',
]);

export const PROBLEM_TYPE = 'application/problem+json';

/** To whom the problem is told: the public learns nothing of this machine, its owner everything but bugs. */
export type Audience = 'public' | 'owner';

/** The problem that stands for an error, whatever was thrown. */
export function problemOf(error: unknown, audience: Audience): ProblemView {
  const refused = frameworkRefusal(error);
  if (refused !== null) return refused;
  const { code, message } = asHeliographError(error);
  const told = code !== 'internal' && (audience === 'owner' || publicCodes.has(code));
  return problem(code, told ? message : 'something went wrong inside the node; its log says more');
}

/** A problem with this code; `status` only where HTTP has a finer one than the code's own. */
export function problem(code: ErrorCode, detail: string, status: number = statuses[code]): ProblemView {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}

/** Answers on a bare response, where Fastify is not in the way. */
export function sendProblem(
  res: ServerResponse,
  view: ProblemView,
  headers: Record<string, string> = {},
): void {
  const body = JSON.stringify(view);
  res.writeHead(view.status, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  });
  res.end(body);
}

/** What Fastify itself refuses (malformed URL or JSON, too large a body, wrong content type) keeps its status. */
function frameworkRefusal(error: unknown): ProblemView | null {
  if (error instanceof HeliographError || !(error instanceof Error)) return null;
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return null;
  if (typeof code !== 'string' || !code.startsWith('FST_')) return null;
  return problem(statusCode === 413 ? 'too-large' : 'bad-request', error.message, statusCode);
}
