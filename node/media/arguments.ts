/** Writes ffmpeg's command line for a ladder: pure, so that a test can read it. */
import { inputOptions } from './accepted.ts';
import type { Ladder, VideoRung } from './ladder.ts';
import type { Source } from './source.ts';
import type { AudioRung } from './tracks.ts';
import { videoGraph } from './video-graph.ts';

/** Where things are in the output directory, in names that need no escaping in ffmpeg's patterns. */
export const files = {
  playlist: (id: string) => `${id}/media.m3u8`,
  init: 'init.mp4',
  segment: (number: number) => `${String(number).padStart(5, '0')}.m4s`,
  subtitle: (id: string) => `${id}/00000.vtt`,
  poster: 'poster.jpg',
  storyboard: 'storyboard.vtt',
  sheet: (number: number) => `storyboard-${String(number).padStart(3, '0')}.jpg`,
};

/** A clock that holds 24, 25, 30, 60 frames a second, their 1000/1001 kin and Matroska's milliseconds exactly. */
const passthroughTimeBase = '1:90000';

export interface ArgumentOptions {
  source: Source;
  ladder: Ladder;
  /** Version of ffmpeg, as it says it. */
  version: string;
  /** Whether it can turn HDR into SDR. */
  tonemap: boolean;
}

/**
 * Arguments after the program's name, for a run inside of the output directory with a folder for each rendition.
 * Each rendition is an HLS output of its own, so that the muxer cuts video at keyframes and audio at its own packets.
 */
export function ffmpegArguments({ source, ladder, version, tonemap }: ArgumentOptions): string[] {
  const copied = ladder.video.find((rung) => rung.copy);
  const graph = videoGraph(source, ladder, tonemap);
  const args = ['-hide_banner', '-nostdin', '-y', '-v', 'error', '-nostats'];
  args.push('-progress', 'pipe:1', '-stats_period', '0.5');
  // Copied packets keep their times: the whole input is moved so that the picture starts at nought.
  const shift = copied ? -(source.video?.startMs ?? 0) / 1000 : 0;
  if (Math.abs(shift) > 1e-6) args.push('-itsoffset', shift.toFixed(6));
  args.push(...inputOptions(source.path));
  if (graph.keyframeInput) args.push('-skip_frame', 'nokey', ...inputOptions(source.path));
  if (graph.filters) args.push('-filter_complex', graph.filters);
  const passthrough = copied ? [...frameMode(version), '-enc_time_base', passthroughTimeBase] : [];
  for (const rung of ladder.video) {
    args.push(...(rung.copy ? copiedVideo(source) : encodedVideo(rung, ladder, passthrough)));
    args.push(...hls(rung.id, ladder.segmentSeconds));
  }
  for (const rung of ladder.audio) args.push(...audio(rung), ...hls(rung.id, ladder.segmentSeconds));
  for (const rung of ladder.subtitles) {
    args.push('-map', `0:${rung.index}`, '-c:s', 'webvtt', ...plain, '-f', 'webvtt', files.subtitle(rung.id));
  }
  if (graph.storyboard) {
    args.push('-map', graph.storyboard, '-c:v', 'mjpeg', '-q:v', '5', ...plain);
    args.push('-f', 'image2', '-start_number', '0', 'storyboard-%03d.jpg');
  }
  if (graph.poster) {
    args.push('-map', graph.poster, '-frames:v', '1', '-c:v', 'mjpeg', '-q:v', '3', ...plain);
    args.push('-f', 'image2', '-update', '1', files.poster);
  }
  return args;
}

/** Nothing of the source's tags, chapters or data goes into what is published. */
const plain = ['-map_metadata', '-1', '-map_chapters', '-1'];

function copiedVideo(source: Source): string[] {
  return ['-map', `0:${source.video?.index ?? 'v:0'}`, '-c:v', 'copy'];
}

function encodedVideo(rung: VideoRung, ladder: Ladder, passthrough: string[]): string[] {
  const keyframes = passthrough.length > 0 ? 'source' : `expr:gte(t,n_forced*${ladder.segmentSeconds})`;
  return [
    ...['-map', `[${rung.id}]`, '-c:v', 'libx264', '-preset', ladder.preset, '-profile:v', 'high'],
    ...['-crf', '23', '-maxrate', String(rung.maxBitrate), '-bufsize', String(rung.maxBitrate * 2)],
    // Keyframes only where they are forced, each one closing its group.
    ...['-g', '100000', '-sc_threshold', '0', '-forced-idr', '1', '-force_key_frames', keyframes],
    ...passthrough,
  ];
}

function audio(rung: AudioRung): string[] {
  const map = ['-map', `0:${rung.index}`];
  if (rung.copy) return [...map, '-c:a', 'copy'];
  return [
    ...map,
    // Silence where the source has none, so that sound starts at nought and stays with the picture.
    ...['-af', 'aresample=async=1:first_pts=0', '-c:a', 'aac', '-profile:a', 'aac_low'],
    ...['-b:a', String(rung.bitrate), '-ac', String(rung.channels), '-ar', String(rung.sampleRate)],
  ];
}

function hls(id: string, segmentSeconds: number): string[] {
  return [
    ...plain,
    // Else the muxer would move each rendition by its own B-frame delay: edit lists say it instead.
    ...['-avoid_negative_ts', 'disabled'],
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod'],
    ...['-hls_segment_type', 'fmp4', '-hls_fmp4_init_filename', files.init],
    ...['-hls_segment_filename', `${id}/%05d.m4s`, '-hls_flags', 'temp_file', files.playlist(id)],
  ];
}

function frameMode(version: string): string[] {
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number);
  return [major === 5 && minor === 0 ? '-vsync' : '-fps_mode', 'passthrough'];
}
