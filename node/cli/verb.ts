/** What every verb has in common: where it finds the node and how it answers. */
import type { Command } from 'commander';
import { parseConfig } from '../config.ts';
import { errorLine, ToldFailure } from './report-failure.ts';
import { openStudio, type StudioClient } from './studio-client.ts';

/** The same answer twice: the document for `--json` and the text for a person. */
export interface Answer {
  json: unknown;
  /** Printed with a line end; nothing when empty. */
  text: string;
  /** The answer tells of a failure: exit code 1. */
  failed?: boolean;
}

export interface VerbContext {
  command: Command;
  /** As `--data` says, if it does. */
  data: string | undefined;
  json: boolean;
  /** The way to the running node; throws `node-not-running`. */
  studio(): Promise<StudioClient>;
  /** A line for a person on stdout at once; with `--json` nothing. */
  say(line: string): void;
  /** `heliograph: LINE` on stderr at once. */
  warn(line: string): void;
  /** Text on stderr as it is. */
  note(text: string): void;
}

/** Gives `command` what it does: `act` gets its arguments and flags, and what it returns is printed. */
export function onVerb<Flags extends object = object, Args extends unknown[] = string[]>(
  command: Command,
  act: (context: VerbContext, flags: Flags, ...args: Args) => Promise<Answer | undefined>,
): void {
  command.action(async () => {
    const { data, json, ...flags } = command.optsWithGlobals<{ data?: string; json?: boolean }>();
    const { writeOut = () => {}, writeErr = () => {} } = command.configureOutput();
    const context: VerbContext = {
      command,
      data,
      json: json === true,
      studio: () => openStudio(dataDir(data)),
      say: (line) => {
        if (!json) writeOut(`${line}\n`);
      },
      warn: (line) => writeErr(`${errorLine(line)}\n`),
      note: writeErr,
    };
    const answer = await act(context, flags as Flags, ...(command.processedArgs as Args));
    if (answer === undefined) return;
    if (json) writeOut(`${JSON.stringify(answer.json, null, 2)}\n`);
    else if (answer.text !== '') writeOut(`${answer.text}\n`);
    if (answer.failed) throw new ToldFailure();
  });
}

/** Absolute path of the data directory: the flag, else the environment, else the default of the configuration. */
function dataDir(flag: string | undefined): string {
  return parseConfig(flag === undefined ? {} : { data: flag }).data;
}
