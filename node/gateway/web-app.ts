/** The built web app, held in memory: its files by path, and its page for every path that is the app's to show. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { contentTypeOf, OCTETS } from './content-type.ts';
import { clientHas, etag } from './etag.ts';
import { IMMUTABLE } from './file-response.ts';
import { problem, sendProblem } from './problems.ts';

const compress = promisify(gzip);
const compressible = /^text\/|javascript|json|xml|wasm/;

/** No script but the app's own files; media, pictures and connections from any mirror, since a channel has many. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: http: https:",
  "media-src 'self' data: blob: http: https:",
  "connect-src 'self' data: blob: http: https: ws: wss:",
  "worker-src 'self' blob:",
  "font-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'self'",
].join('; ');

/** Paths that belong to programs: a wrong one is an error, never the app's page. */
const programPaths = /^\/(api|control|hls|hdhr|iptv|ipfs|ipns|tracker|metrics|health|sign-in|assets)(\/|$)/;

interface WebFile {
  bytes: Buffer;
  gzipped: Buffer | null;
  head: Record<string, string>;
  tag: string;
}

export interface WebApp {
  /** Answers with a file or the app's page; false when the path is neither. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
}

/** Loads every file below `root`. A `root` that is not there leaves an app that says so. */
export async function loadWebApp(root: string): Promise<WebApp> {
  const files = await readFiles(root);
  const page = files.get('/index.html');

  function find(path: string): WebFile | undefined {
    const file = files.get(path);
    if (file !== undefined) return file;
    const last = path.slice(path.lastIndexOf('/') + 1);
    return programPaths.test(path) || last.includes('.') ? undefined : page;
  }

  return {
    answer(request, response) {
      if (request.method !== 'GET' && request.method !== 'HEAD') return false;
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      const file = find(path);
      if (file !== undefined) {
        send(request, response, file);
        return true;
      }
      if (path !== '/' || page !== undefined) return false;
      sendProblem(response, problem('unavailable', 'the web app is not built: run npm run build'));
      return true;
    },
  };
}

function send(request: IncomingMessage, response: ServerResponse, file: WebFile): void {
  if (clientHas(request.headers['if-none-match'], file.tag)) {
    response.writeHead(304, file.head);
    response.end();
    return;
  }
  const gzipped = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '') ? file.gzipped : null;
  const bytes = gzipped ?? file.bytes;
  response.writeHead(200, {
    ...file.head,
    ...(gzipped ? { 'content-encoding': 'gzip' } : {}),
    'content-length': bytes.byteLength,
  });
  response.end(bytes);
}

async function readFiles(root: string): Promise<Map<string, WebFile>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = new Map<string, WebFile>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = `/${relative(root, path).split(sep).join('/')}`;
    files.set(name, await webFile(name, await readFile(path)));
  }
  return files;
}

async function webFile(name: string, bytes: Buffer): Promise<WebFile> {
  const type = contentTypeOf(name) ?? OCTETS;
  const gzipped = compressible.test(type) ? await compress(bytes) : null;
  const tag = etag(createHash('sha256').update(bytes).digest('base64url').slice(0, 22));
  const hashed = name.startsWith('/assets/');
  const head = {
    'content-type': type,
    etag: tag,
    'cache-control': hashed ? IMMUTABLE : 'no-cache',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...(gzipped ? { vary: 'accept-encoding' } : {}),
  };
  return { bytes, gzipped: gzipped && gzipped.byteLength < bytes.byteLength ? gzipped : null, head, tag };
}
