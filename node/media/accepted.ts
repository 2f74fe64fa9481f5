/** What is accepted of a publisher's file: containers and protocols by name, everything else is refused. */

/**
 * Containers that hold their media themselves. Left out on purpose is all that points elsewhere (playlists, concat,
 * DASH, SDP, image sequences), all that draws or computes (lavfi, tty, libopenmpt) and all that is a device.
 */
const containers = [
  'mov,mp4,m4a,3gp,3g2,mj2',
  'matroska,webm',
  'mpegts',
  'mpeg',
  'avi',
  'flv',
  'asf',
  'ogg',
  'mxf',
  'nut',
  'dv',
  'rm',
  'mp3',
  'flac',
  'wav',
  'w64',
  'aiff',
  'caf',
  'aac',
  'ac3',
  'eac3',
  'amr',
  'ape',
  'wv',
  'tta',
  'mpegvideo',
  'h264',
  'hevc',
];

/** Pictures larger than this are refused: 8192 × 4320 and some room. */
export const maxPixels = 40_000_000;

/** Options before `-i` for a local file of unknown origin. The path is taken as it is: no URL, no pattern. */
export function inputOptions(path: string): string[] {
  return [
    '-protocol_whitelist',
    'file',
    '-format_whitelist',
    containers.join(','),
    '-max_alloc',
    String(1024 * 1024 * 1024),
    '-i',
    `file:${path}`,
  ];
}

/** True when the first bytes are those of a QuickTime or MP4 file: then a missing index means that it is cut off. */
export function looksLikeMp4(head: Uint8Array): boolean {
  const type = Buffer.from(head.subarray(4, 8)).toString('latin1');
  return ['ftyp', 'moov', 'mdat', 'wide', 'free', 'skip', 'styp'].includes(type);
}
