/** Runs one command line from its words to its exit code. */
import { createProgram } from './program.ts';
import { reportFailure } from './report-failure.ts';
import type { Terminal } from './terminal.ts';

/** Runs `heliograph ARGV` and returns its exit code: 0, 1 when it failed, 2 when it was called wrongly. */
export async function runProgram(argv: string[], terminal: Terminal): Promise<number> {
  const end = argv.indexOf('--');
  const json = (end === -1 ? argv : argv.slice(0, end)).includes('--json');
  try {
    await createProgram(terminal).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    return reportFailure(error, { json, ...terminal });
  }
}
