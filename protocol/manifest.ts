/** An item's manifest: one block that names its renditions, each of which has a block listing its segments. */
import { CID } from 'multiformats/cid';
import * as z from 'zod/mini';
import { decodeCanonical, encodeCanonical } from './canonical.ts';
import { MAX_BLOCK_BYTES, MAX_RENDITIONS, MAX_SEGMENT_BYTES, MAX_SEGMENTS } from './constants.ts';

const cid = z.custom<CID>((value) => CID.asCID(value) !== null, 'not a CID');
const text = (max: number) => z.string().check(z.maxLength(max), z.regex(/^[^\r\n"]*$/));
const whole = z.int().check(z.nonnegative());
const size = z.int().check(z.nonnegative(), z.maximum(MAX_SEGMENT_BYTES));

/** A file by CID and length in bytes, so that a sender's claim about either can be checked. */
const fileRef = z.strictObject({ cid, size });

export const renditionKinds = ['video', 'audio', 'subtitle'] as const;

const renditionShape = z.strictObject({
  /** Names the rendition in playlists and folders, such as `v1080` or `a-en`. */
  id: z.string().check(z.regex(/^[a-z0-9][a-z0-9-]{0,31}$/)),
  kind: z.enum(renditionKinds),
  /** RFC 6381, such as `avc1.640028`. */
  codecs: text(100),
  width: z.nullable(whole),
  height: z.nullable(whole),
  /** Frames per second, three decimals at most, as text: floats have no one spelling. */
  frameRate: z.nullable(z.string().check(z.regex(/^\d{1,4}(\.\d{1,3})?$/))),
  /** Peak and average, bits per second (RFC 8216 §4.3.4.2). */
  bandwidth: whole,
  averageBandwidth: whole,
  /** BCP 47. */
  language: z.nullable(text(35)),
  name: text(100),
  isDefault: z.boolean(),
  channels: z.nullable(whole),
  /** The segment list block. */
  list: cid,
});

export const manifestShape = z.strictObject({
  v: z.literal(1),
  durationMs: whole,
  renditions: z.array(renditionShape).check(z.minLength(1), z.maxLength(MAX_RENDITIONS)),
  poster: z.nullable(fileRef),
  /** WebVTT thumbnails and the pictures that its cues name, in the order of their numbers. */
  storyboard: z.nullable(z.strictObject({ vtt: fileRef, images: z.array(fileRef).check(z.maxLength(512)) })),
  /** The item as a plain UnixFS folder of HLS. */
  folder: cid,
});

/** CID, bytes, milliseconds. */
const segmentShape = z.tuple([cid, size, whole]);

export const segmentListShape = z.strictObject({
  v: z.literal(1),
  /** The initialization section (EXT-X-MAP); null for subtitles. */
  init: z.nullable(fileRef),
  segments: z.array(segmentShape).check(z.minLength(1), z.maxLength(MAX_SEGMENTS)),
});

export type FileRef = z.infer<typeof fileRef>;
export type Rendition = z.infer<typeof renditionShape>;
export type RenditionKind = Rendition['kind'];
export type Manifest = z.infer<typeof manifestShape>;
export type SegmentList = z.infer<typeof segmentListShape>;

export function encodeManifest(manifest: Manifest): Uint8Array {
  return encodeBlock(manifestShape.parse(manifest));
}

export function encodeSegmentList(list: SegmentList): Uint8Array {
  return encodeBlock(segmentListShape.parse(list));
}

/** The manifest in a block, or null when the block is not exactly one. */
export function decodeManifest(block: Uint8Array): Manifest | null {
  const parsed = manifestShape.safeParse(decodeBlock(block));
  return parsed.success && uniqueIds(parsed.data) ? parsed.data : null;
}

/** The segment list in a block, or null when the block is not exactly one. */
export function decodeSegmentList(block: Uint8Array): SegmentList | null {
  const parsed = segmentListShape.safeParse(decodeBlock(block));
  return parsed.success ? parsed.data : null;
}

function uniqueIds(manifest: Manifest): boolean {
  return new Set(manifest.renditions.map((r) => r.id)).size === manifest.renditions.length;
}

function encodeBlock(value: unknown): Uint8Array {
  const block = encodeCanonical(value);
  if (block.byteLength > MAX_BLOCK_BYTES)
    throw new RangeError(`a block of ${block.byteLength} bytes passes 1 MiB`);
  return block;
}

function decodeBlock(block: Uint8Array): unknown {
  return block.byteLength > MAX_BLOCK_BYTES ? undefined : decodeCanonical(block);
}
