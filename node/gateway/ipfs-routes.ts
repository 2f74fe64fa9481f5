/** `/ipfs/{cid}[/path]`: files, blocks and CARs by CID, as the path and trustless gateway specifications say. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance } from 'fastify';
import type { CID } from 'multiformats/cid';
import { DAG_CBOR } from '../../protocol/cid.ts';
import { HeliographError } from '../errors.ts';
import type { BytesByCid, Reach } from './bytes-by-cid.ts';
import { openCar } from './car.ts';
import { clientAddress } from './client-address.ts';
import { contentTypeOf } from './content-type.ts';
import { clientHas, etag } from './etag.ts';
import {
  crossOrigin,
  fileHead,
  IMMUTABLE,
  type Readers,
  SANDBOX,
  sendFile,
  sendHot,
} from './file-response.ts';
import { type IpfsRequest, parseIpfsRequest } from './ipfs-request.ts';

export interface IpfsRoutesOptions {
  bytes: BytesByCid;
  readers: Readers;
  /** Whether this CID may be asked of the network for a viewer. */
  allows(cid: CID): boolean;
}

const doc = {
  summary: 'Bytes by CID, or by a path below one',
  answer: 'application/octet-stream',
  also: {
    206: 'The range asked for',
    304: 'The client has it',
    404: 'Not here, and not part of anything known here',
    416: 'The range is outside the file',
    504: 'Not found on the network in time',
  },
} as const;

export function addIpfsRoutes(app: FastifyInstance, options: IpfsRoutesOptions): void {
  const params = { cid: 'A CID with a sha2-256 hash' };
  for (const [url, extra] of [
    ['/ipfs/:cid', params],
    ['/ipfs/:cid/*', { ...params, path: 'Names in a UnixFS folder' }],
  ] as const) {
    app.route({
      method: 'GET',
      url,
      config: { doc: { ...doc, params: extra } },
      handler: async (request, reply) => {
        const { accept } = request.headers;
        const asked = parseIpfsRequest(request.raw.url ?? '', accept);
        const send = await prepare(request.raw, asked, options);
        reply.hijack();
        await send(reply.raw);
      },
    });
  }
}

/** Answers `/ipfs/{cid}` of a file in memory without routing; false when it is anything else. */
export function answerHotSegment(
  request: IncomingMessage,
  response: ServerResponse,
  readers: Readers,
): boolean {
  const { hot, shares, trustProxy } = readers;
  const { url = '' } = request;
  if (request.method !== 'GET' || !url.startsWith('/ipfs/')) return false;
  shares.admit(clientAddress(request, trustProxy));
  const segment = hot.get(url.slice('/ipfs/'.length));
  if (segment === undefined) return false;
  const { headers } = request;
  const isPlainRequest =
    headers.range === undefined &&
    headers['if-none-match'] === undefined &&
    !headers.accept?.includes('application/vnd.ipld');
  if (isPlainRequest && segment.head !== null) {
    sendHot(request, response, segment, segment.head, readers);
    return true;
  }
  hot.release(segment);
  return false;
}

/** Does all that can fail; what it returns only writes. */
async function prepare(
  request: IncomingMessage,
  asked: IpfsRequest,
  options: IpfsRoutesOptions,
): Promise<(response: ServerResponse) => Promise<void>> {
  const { bytes, readers } = options;
  const reach: Reach = { allowed: options.allows(asked.root) };
  if (asked.format === 'car') return prepareCar(request, asked, reach, bytes);
  const cid =
    asked.path.length === 0 ? asked.root : await bytes.resolve(asked.root, asked.path.join('/'), reach);
  const headers = ipfsHeaders(asked, cid);
  if (asked.format === 'raw') {
    const segment = await bytes.block(cid, reach);
    const meta = {
      tag: etag(`${cid}.raw`),
      cacheControl: IMMUTABLE,
      type: 'application/vnd.ipld.raw',
      headers: [...headers, 'content-disposition', attachment(asked.fileName ?? `${cid}.bin`)],
    };
    return (response) => sendFile(request, response, { kind: 'whole', segment }, meta, readers);
  }
  const file = await bytes.open(cid, reach);
  if (file.kind === 'directory') {
    throw new HeliographError('not-found', `${cid} is a folder: add the name of a file in it`);
  }
  const name = asked.fileName ?? asked.path.at(-1);
  const meta = {
    tag: etag(cid.toString()),
    cacheControl: IMMUTABLE,
    type: cid.code === DAG_CBOR ? 'application/vnd.ipld.dag-cbor' : name && contentTypeOf(name),
    headers: asked.fileName === null ? headers : [...headers, 'content-disposition', inline(asked.fileName)],
  };
  if (
    file.kind === 'whole' &&
    isPlain(asked) &&
    file.segment.head === null &&
    file.segment.cid === `${cid}`
  ) {
    file.segment.head = [...fileHead(file, meta), 'content-length', String(file.segment.bytes.byteLength)];
  }
  return (response) => sendFile(request, response, file, meta, readers);
}

async function prepareCar(
  request: IncomingMessage,
  asked: IpfsRequest,
  reach: Reach,
  bytes: BytesByCid,
): Promise<(response: ServerResponse) => Promise<void>> {
  if (asked.path.length > 0) await bytes.resolve(asked.root, asked.path.join('/'), reach);
  const what = createHash('sha256')
    .update(`${asked.path.join('/')}\n${asked.scope}`)
    .digest('base64url');
  const tag = `W/${etag(`${asked.root}.car.${what.slice(0, 12)}`)}`;
  const head = [
    ...crossOrigin,
    ...ipfsHeaders(asked, asked.root),
    'content-type',
    'application/vnd.ipld.car; version=1; order=dfs; dups=n',
    'content-disposition',
    attachment(asked.fileName ?? `${asked.root}.car`),
    'etag',
    tag,
    'cache-control',
    IMMUTABLE,
    'x-content-type-options',
    'nosniff',
  ];
  if (clientHas(request.headers['if-none-match'], tag)) {
    return async (response) => {
      response.writeHead(304, head);
      response.end();
    };
  }
  const car = await openCar(asked, (cid) => bytes.ownBlock(cid, reach));
  return async (response) => {
    response.writeHead(200, head);
    if (request.method === 'HEAD') response.end();
    else await pipeline(Readable.from(car), response).catch(() => response.destroy());
  };
}

function ipfsHeaders(asked: IpfsRequest, cid: CID): string[] {
  const path = ['', 'ipfs', asked.root.toString(), ...asked.path.map(encodeURIComponent)].join('/');
  const roots = asked.path.length === 0 ? `${asked.root}` : `${asked.root},${cid}`;
  return ['x-ipfs-path', path, 'x-ipfs-roots', roots, 'content-security-policy', SANDBOX];
}

function isPlain(asked: IpfsRequest): boolean {
  return asked.path.length === 0 && asked.fileName === null;
}

function attachment(name: string): string {
  return disposition('attachment', name);
}

function inline(name: string): string {
  return disposition('inline', name);
}

/** RFC 6266: an ASCII name for old clients, the real one for all others. */
function disposition(kind: string, name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
