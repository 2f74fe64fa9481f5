/** Decides what of a source may be taken over without re-encoding. Pure. */
import { keyframesFit } from './keyframes.ts';
import type { Source, SourceAudio } from './source.ts';

/** H.264 profiles that every browser decodes. */
const profiles = new Set(['Constrained Baseline', 'Baseline', 'Main', 'High']);
/** Containers whose timestamps can be trusted packet by packet. */
const indexed = ['mov,mp4,m4a,3gp,3g2,mj2', 'matroska,webm'];
const copyable = [...indexed, 'mpegts'];
const maxCopiedAudioBitrate = 330_000;
const syncMs = 25;
const maxLeadMs = 100;

/** True when the video's kind allows copying, so that its keyframes are worth a look. */
export function copyCandidate({ video, format }: Source): boolean {
  return (
    video !== null &&
    copyable.includes(format) &&
    video.codec === 'h264' &&
    profiles.has(video.profile) &&
    ['yuv420p', 'yuvj420p'].includes(video.pixelFormat) &&
    video.plain &&
    !video.interlaced &&
    video.transfer === 'sdr' &&
    video.width % 2 === 0 &&
    video.height % 2 === 0 &&
    video.frameRate.num / video.frameRate.den <= 60.5 &&
    // Copied packets can't be padded: sound from before the first picture would be lost.
    Math.abs(video.startMs) <= maxLeadMs
  );
}

/**
 * True when the video can be the top rung as it is: its kind allows it, segments cut at its own keyframes come out at
 * no more than 1.5 times the length asked for, and its bitrate is one that viewers can be asked to take.
 */
export function copyableVideo(source: Source, segmentSeconds: number, maxBitrate: number): boolean {
  return (
    copyCandidate(source) &&
    (source.video?.bitrate ?? 0) > 0 &&
    (source.video?.bitrate ?? 0) <= maxBitrate * 2.5 &&
    keyframesFit(source, segmentSeconds)
  );
}

/** True for AAC-LC in one or two channels that starts with the film, in a container with exact times. */
export function copyableAudio(source: Source, audio: SourceAudio): boolean {
  return (
    indexed.includes(source.format) &&
    audio.codec === 'aac' &&
    audio.profile === 'LC' &&
    audio.channels <= 2 &&
    audio.bitrate <= maxCopiedAudioBitrate &&
    [44_100, 48_000].includes(audio.sampleRate) &&
    Math.abs(audio.startMs - (source.video?.startMs ?? 0)) <= syncMs
  );
}
