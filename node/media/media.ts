/** The door of the media room: find the tools, probe a file, choose its ladder, transcode it, check the result. */

export { chooseLadder, type Ladder, type LadderSettings } from './ladder.ts';
export type { MadeRendition, MadeSegment, Transcoded } from './made.ts';
export { probe } from './probe.ts';
export type { Progress } from './progress.ts';
export type { Source } from './source.ts';
export { describeTools, findTools, type Tool, type Tools } from './tools.ts';
export { type Limits, type TranscodeOptions, transcode } from './transcode.ts';
export { verifyRenditions } from './verify.ts';
