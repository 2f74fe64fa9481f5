/** The response with a file of known content: conditions, ranges and headers, then one write where possible. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Opened } from './bytes-by-cid.ts';
import { clientAddress } from './client-address.ts';
import { sniffContentType } from './content-type.ts';
import { clientHas, rangeCounts } from './etag.ts';
import type { HotSegment, HotSegments } from './hot-segments.ts';
import { problem, sendProblem } from './problems.ts';
import { parseRange } from './range.ts';
import type { ReaderShares } from './reader-shares.ts';

/** Any page may read what is public. Raw header lists: name, value, name, value. */
export const crossOrigin: readonly string[] = [
  'access-control-allow-origin',
  '*',
  'access-control-expose-headers',
  'Content-Length, Content-Range, ETag, X-Ipfs-Path, X-Ipfs-Roots',
  'cross-origin-resource-policy',
  'cross-origin',
];

export const IMMUTABLE = 'public, max-age=31536000, immutable';

/** A document that somebody published may not run as part of this site. */
export const SANDBOX =
  "default-src 'none'; img-src 'self' data:; media-src 'self'; style-src 'unsafe-inline'; sandbox";

export interface FileMeta {
  tag: string;
  cacheControl: string;
  /** Undefined: what the first bytes show. */
  type: string | undefined;
  /** Further raw headers. */
  headers?: readonly string[];
}

export type SendableFile = Exclude<Opened, { kind: 'directory' }>;

/** Writes the whole answer and releases the segment. Resolves when it was handed over; a client that goes is no error. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: SendableFile,
  meta: FileMeta,
  readers: Readers,
): Promise<void> {
  if (file.kind === 'long') {
    if (!response.destroyed) await answer(request, response, file, meta);
  } else if (beginReading(request, response, file.segment, readers)) {
    await answer(request, response, file, meta);
  }
}

/** Who reads what, so that memory is used again when nobody does. */
export interface Readers {
  hot: HotSegments;
  shares: ReaderShares;
  trustProxy: boolean;
}

/** Holds the segment until the response is over; false, and released, when its client is gone already. */
function beginReading(
  request: IncomingMessage,
  response: ServerResponse,
  segment: HotSegment,
  { hot, shares, trustProxy }: Readers,
): boolean {
  // The response of a client that is gone ends nothing any more.
  if (response.destroyed) {
    hot.release(segment);
    return false;
  }
  const address = clientAddress(request, trustProxy);
  const { byteLength } = segment.bytes;
  shares.begin(address, byteLength);
  response.once('close', () => {
    hot.release(segment);
    shares.end(address, byteLength);
  });
  return true;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  file: SendableFile,
  meta: FileMeta,
): Promise<void> {
  const { headers } = request;
  const head = fileHead(file, meta);
  if (clientHas(headers['if-none-match'], meta.tag)) {
    response.writeHead(304, head);
    response.end();
    return;
  }
  const size = sizeOf(file);
  const range = rangeCounts(headers['if-range']?.toString(), meta.tag)
    ? parseRange(headers.range, size)
    : 'whole';
  if (range === 'unsatisfiable') {
    const view = problem('bad-request', `the range lies outside the ${size} bytes there are`, 416);
    sendProblem(response, view, { 'content-range': `bytes */${size}`, 'access-control-allow-origin': '*' });
    return;
  }
  const [start, end] = range === 'whole' ? [0, size - 1] : [range.start, range.end];
  const length = end - start + 1;
  head.push('content-length', String(length));
  if (range !== 'whole') head.push('content-range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range === 'whole' ? 200 : 206, head);
  if (request.method === 'HEAD' || length === 0) {
    response.end();
  } else if (file.kind === 'whole') {
    const { bytes } = file.segment;
    response.end(range === 'whole' ? bytes : bytes.subarray(start, end + 1));
  } else {
    await pipeline(
      Readable.from(file.stream(start, length), { objectMode: true, highWaterMark: 1 }),
      response,
    ).catch(() => response.destroy());
  }
}

/** The whole of a file in memory whose headers were made before: nothing is left to decide. Releases it. */
export function sendHot(
  request: IncomingMessage,
  response: ServerResponse,
  segment: HotSegment,
  head: string[],
  readers: Readers,
): void {
  if (!beginReading(request, response, segment, readers)) return;
  response.writeHead(200, head);
  response.end(segment.bytes);
}

/** Raw headers of an answer, but for the length, which a range changes. */
export function fileHead(file: SendableFile, meta: FileMeta): string[] {
  const type =
    meta.type ?? (file.kind === 'whole' ? sniffContentType(file.segment.bytes) : 'application/octet-stream');
  return [
    ...crossOrigin,
    'content-type',
    type,
    'etag',
    meta.tag,
    'cache-control',
    meta.cacheControl,
    'accept-ranges',
    'bytes',
    'x-content-type-options',
    'nosniff',
    ...(meta.headers ?? []),
  ];
}

function sizeOf(file: SendableFile): number {
  return file.kind === 'whole' ? file.segment.bytes.byteLength : file.size;
}
