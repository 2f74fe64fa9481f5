/** The limits and names of the wire, in one place; changing one changes what other nodes accept. */

const KIB = 1024;
const MIB = 1024 * KIB;
const MINUTE = 60_000;

/** A signed record above this many bytes is refused before it is parsed. */
export const MAX_RECORD_BYTES = 16 * KIB;
/** No block passes this many bytes (the trustless gateway's and bitswap's common limit). */
export const MAX_BLOCK_BYTES = MIB;
/** Chunk size of the `unixfs-v1-2025` profile, and the longest file whose CID is its own sha-256. */
export const CHUNK_BYTES = MIB;
/** Links in one UnixFS node of the `unixfs-v1-2025` profile. */
export const DAG_WIDTH = 1024;
/** The largest segment a manifest may name. */
export const MAX_SEGMENT_BYTES = 64 * MIB;
/** Segments in one rendition's list: nine hours at two seconds, and the block stays below 1 MiB. */
export const MAX_SEGMENTS = 16_384;
/** Renditions in one manifest. */
export const MAX_RENDITIONS = 64;
/** Items named in one page of a library index. */
export const LIBRARY_PAGE_ITEMS = 8_192;
/** Keys that a channel can delegate at one time. */
export const MAX_DELEGATES = 32;

/** The highest sequence number; only a tombstone carries it, so nothing supersedes one. */
export const TOMBSTONE_SEQ = Number.MAX_SAFE_INTEGER;
/** A record dated further ahead of the reader's clock than this is refused, in milliseconds. */
export const MAX_AHEAD_MS = 5 * MINUTE;
/** The longest life a mirror record may claim, in milliseconds. */
export const MAX_MIRROR_LIFE_MS = 30 * MINUTE;

/** Prefix of every signed payload, so that a signature made for anything else never fits a record. */
export const RECORD_DOMAIN = 'heliograph/record/1\0';
/** The gossipsub topic that carries signed records. */
export const RECORDS_TOPIC = '/heliograph/1/records';
/** The libp2p protocol by which a node that comes late gets the whole catalogue. */
export const SYNC_PROTOCOL = '/heliograph/sync/1';
/** One frame of the sync protocol, length prefix excluded. */
export const MAX_SYNC_FRAME_BYTES = MIB;
/** Records that one sync exchange may carry. */
export const MAX_SYNC_RECORDS = 200_000;
