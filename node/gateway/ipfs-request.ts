/** What a URL below `/ipfs/` asks for, by the path and trustless gateway specifications. */
import { CID } from 'multiformats/cid';
import { DAG_CBOR, DAG_PB, RAW } from '../../protocol/cid.ts';
import { HeliographError } from '../errors.ts';

const MAX_CID_CHARACTERS = 150;
const MAX_PATH_CHARACTERS = 2048;
const MAX_PATH_DEPTH = 64;
const SHA2_256 = 0x12;
const IDENTITY = 0x00;
const MAX_IDENTITY_BYTES = 64;
const codecs = new Set([RAW, DAG_PB, DAG_CBOR]);

const formats = ['file', 'raw', 'car'] as const;
const scopes = ['block', 'entity', 'all'] as const;

export interface IpfsRequest {
  /** Always version 1. */
  root: CID;
  /** Names below the root, decoded; empty for the root itself. */
  path: readonly string[];
  format: (typeof formats)[number];
  /** How much of the DAG a CAR holds. */
  scope: (typeof scopes)[number];
  fileName: string | null;
}

/** Throws `bad-request` that says what is wrong with the URL. */
export function parseIpfsRequest(url: string, accept: string | undefined): IpfsRequest {
  const [rawPath = '', query = ''] = url.split('?', 2);
  if (rawPath.length > MAX_PATH_CHARACTERS) throw bad('the path is too long');
  const [cidText = '', ...names] = rawPath
    .slice('/ipfs/'.length)
    .split('/')
    .filter((name) => name !== '');
  if (names.length > MAX_PATH_DEPTH) throw bad('the path is too deep');
  const parameters = new URLSearchParams(query);
  const fileName = parameters.get('filename');
  return {
    root: parseRoot(decode(cidText)),
    path: names.map(decode),
    format: readFormat(parameters.get('format'), accept),
    scope: oneOf(scopes, parameters.get('dag-scope') ?? 'all', 'dag-scope'),
    fileName: fileName === null ? null : fileName.slice(0, 255),
  };
}

function parseRoot(text: string): CID {
  if (text.length > MAX_CID_CHARACTERS) throw bad('that is not a CID');
  let cid: CID;
  try {
    cid = CID.parse(text).toV1();
  } catch {
    throw bad('that is not a CID');
  }
  const { code, digest } = cid.multihash;
  const known = code === SHA2_256 ? digest.byteLength === 32 : isInline(cid, code, digest.byteLength);
  if (!known) throw bad('only CIDs with a sha2-256 hash are served here');
  if (!codecs.has(cid.code)) throw bad('only raw, dag-pb and dag-cbor are served here');
  return cid;
}

/** Identity CIDs carry their bytes; a UnixFS one would still point elsewhere. */
function isInline(cid: CID, hash: number, bytes: number): boolean {
  return hash === IDENTITY && cid.code !== DAG_PB && bytes <= MAX_IDENTITY_BYTES;
}

function readFormat(format: string | null, accept: string | undefined): IpfsRequest['format'] {
  if (format !== null) return oneOf(['raw', 'car'], format, 'format');
  if (accept?.includes('application/vnd.ipld.raw')) return 'raw';
  if (accept?.includes('application/vnd.ipld.car')) return 'car';
  return 'file';
}

function oneOf<const T extends string>(allowed: readonly T[], value: string, name: string): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw bad(`"${name}" must be one of ${allowed.join(', ')}`);
  return found;
}

function decode(text: string): string {
  try {
    const name = decodeURIComponent(text);
    if (name.includes('/') || name.includes('\0') || name === '.' || name === '..') throw bad('no such path');
    return name;
  } catch {
    throw bad('the path is not one that can be read');
  }
}

function bad(detail: string): HeliographError {
  return new HeliographError('bad-request', detail);
}
