/** Talks to the running node of a data directory over its studio's control API. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { problemView } from '../../protocol/api.ts';
import { type ErrorCode, errorCodes, HeliographError } from '../errors.ts';

/** What a running node leaves in DATA/studio.json for programs of the same user. */
const studioFile = z.object({ pid: z.int(), url: z.url(), token: z.string().min(1) });

/** A node that transcodes on every core may well be slow to answer; one that is silent for this long is stuck. */
const ANSWER_WITHIN_MS = 30_000;

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

export interface StudioClient {
  /**
   * Asks the node and returns its answer in the given shape. Throws the node's own error by its code,
   * `node-not-running`, `timeout`, or `internal` for an answer of another shape.
   */
  ask<T>(method: Method, path: string, shape: z.ZodType<T>, body?: object): Promise<T>;
  /** Asks the node to do something that has no answer. */
  tell(method: Method, path: string, body?: object): Promise<void>;
}

/** Opens the way to the node that runs on `dataDir`. Throws `node-not-running` when none left word there. */
export async function openStudio(
  dataDir: string,
  { answerWithinMs = ANSWER_WITHIN_MS } = {},
): Promise<StudioClient> {
  const { url, token, pid } = await readStudioFile(dataDir);

  async function request(method: Method, path: string, body?: object): Promise<unknown> {
    let response: Response;
    let text: string;
    try {
      response = await fetch(new URL(path, url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          accept: 'application/json',
          ...(body && { 'content-type': 'application/json' }),
        },
        body: body ? JSON.stringify(body) : undefined,
        redirect: 'error',
        signal: AbortSignal.timeout(answerWithinMs),
      });
      text = await response.text();
    } catch (error) {
      if ((error as Error).name === 'TimeoutError') {
        const waited = `${Math.round(answerWithinMs / 1000)} s`;
        throw new HeliographError(
          'timeout',
          `the node (process ${pid}) did not answer ${method} ${path} within ${waited}`,
          { cause: error },
        );
      }
      throw notRunning(dataDir, error);
    }
    const answer = parseJson(text);
    if (!response.ok) throw refusal(method, path, response.status, answer);
    return answer;
  }

  return {
    async ask(method, path, shape, body) {
      const checked = shape.safeParse(await request(method, path, body));
      if (checked.success) return checked.data;
      throw new HeliographError(
        'internal',
        `the node's answer to ${method} ${path} has an unknown shape (${firstFault(checked.error)}); is it of another version?`,
        { cause: checked.error },
      );
    },
    async tell(method, path, body) {
      await request(method, path, body);
    },
  };
}

/** A path of the API with its ids escaped: apiPath`/control/v1/jobs/${id}`. */
export function apiPath(parts: TemplateStringsArray, ...ids: string[]): string {
  return String.raw({ raw: parts }, ...ids.map(encodeURIComponent));
}

async function readStudioFile(dataDir: string): Promise<z.infer<typeof studioFile>> {
  const file = join(dataDir, 'studio.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      throw notRunning(dataDir, error);
    }
    throw new HeliographError('unreadable', `${file} cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const checked = studioFile.safeParse(parseJson(text));
  if (checked.success) return checked.data;
  throw new HeliographError('internal', `${file} is damaged; restart the node, which writes it anew`);
}

function notRunning(dataDir: string, cause: unknown): HeliographError {
  return new HeliographError(
    'node-not-running',
    `no Heliograph node is running on ${dataDir}; start one with \`npm start\``,
    { cause },
  );
}

/** The error that the node answered with, by its problem details. */
function refusal(method: Method, path: string, status: number, answer: unknown): HeliographError {
  const problem = problemView.safeParse(answer);
  if (!problem.success) {
    return new HeliographError('internal', `the node answered ${method} ${path} with status ${status}`);
  }
  const { code, detail } = problem.data;
  const known = (errorCodes as readonly string[]).includes(code) ? (code as ErrorCode) : 'internal';
  return new HeliographError(known, detail);
}

function firstFault(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join('.') || 'answer'}: ${issue.message}` : 'unreadable';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
