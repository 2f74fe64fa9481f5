/** How a verb's failure is told: one line on stderr, with --json a document on stdout too, and the exit code. */
import { CommanderError } from 'commander';
import { asHeliographError } from '../errors.ts';
import { plainText } from './plain-text.ts';
import type { Terminal } from './terminal.ts';

export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

export interface FailureOutput extends Terminal {
  json: boolean;
}

/** A verb failed and its answer has said so already: only the exit code is left. */
export class ToldFailure extends Error {
  override readonly name = 'ToldFailure';
}

/** Tells of `error` and returns the exit code: 0 for help and version, 2 for wrong usage, 1 for all else. */
export function reportFailure(error: unknown, output: FailureOutput): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // A verb that needs another after it has shown its help: that says more than a line.
    if (error.code === 'commander.help') return EXIT_USAGE;
    tell('bad-request', usageLine(error.message), output);
    return EXIT_USAGE;
  }
  if (error instanceof ToldFailure) return EXIT_FAILED;
  const { code, message } = asHeliographError(error);
  tell(code, message, output);
  return EXIT_FAILED;
}

/** Commander's message in the form of all others: one line without a prefix, and always with a way on. */
export function usageLine(message: string): string {
  const [fault = '', ...rest] = message.replace(/^error: /, '').split('\n');
  const hint = rest.join(' ').trim();
  return `${fault.replace(/\.$/, '')} ${hint || '(see --help)'}`.replace('(Did you', '(did you');
}

function tell(code: string, message: string, output: FailureOutput): void {
  if (output.json) output.out(`${JSON.stringify({ error: { code, message } })}\n`);
  output.err(`${errorLine(message)}\n`);
}

/** `heliograph: MESSAGE` on one line, free of control characters. */
export function errorLine(message: string): string {
  return `heliograph: ${plainText(message)}`;
}
