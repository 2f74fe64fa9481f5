/** Who may use the studio: the node's token, and browsers that came in once by a sign-in link. */
import { createHash, timingSafeEqual } from 'node:crypto';

const MAX_SESSIONS = 256;
const MAX_CODES = 32;
const SESSION_MS = 30 * 24 * 3600 * 1000;
const CODE_MS = 24 * 3600 * 1000;

export interface SessionsOptions {
  token: string;
  /** A text that nobody can guess. */
  randomId: () => string;
  /** Milliseconds since 1970. */
  now: () => number;
}

export function createSessions({ token, randomId, now }: SessionsOptions) {
  /** Digests only: nothing in memory opens the studio by itself. Values are when they run out. */
  const sessions = new Map<string, number>();
  const codes = new Map<string, number>();

  function remember(store: Map<string, number>, life: number, most: number): string {
    const id = randomId();
    store.set(digest(id), now() + life);
    const [oldest] = store.keys();
    if (store.size > most && oldest !== undefined) store.delete(oldest);
    return id;
  }

  return {
    /** A code that signs one browser in, once. */
    signInCode: () => remember(codes, CODE_MS, MAX_CODES),

    /** Takes a sign-in code for a session; null when it is not one, was used, or has run out. */
    signIn(code: string): string | null {
      const key = digest(code);
      const until = codes.get(key);
      codes.delete(key);
      return until !== undefined && until > now() ? remember(sessions, SESSION_MS, MAX_SESSIONS) : null;
    },

    isSession(id: string): boolean {
      const until = sessions.get(digest(id));
      return until !== undefined && until > now();
    },

    /** Whether an Authorization header carries the node's token. */
    isBearer(header: string | undefined): boolean {
      const given = /^Bearer (\S{1,512})$/i.exec(header ?? '')?.[1];
      return given !== undefined && timingSafeEqual(sha256(given), sha256(token));
    },

    maxAgeSeconds: SESSION_MS / 1000,
  };
}

export type Sessions = ReturnType<typeof createSessions>;

/** The value of one cookie in a Cookie header. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name) return value?.trim();
  }
  return undefined;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function digest(text: string): string {
  return sha256(text).toString('base64');
}
