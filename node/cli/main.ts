/** The CLI's entry: runs one verb and ends with 0, with 1 when it failed, or with 2 when it was called wrongly. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { runProgram } = await import('./run-program.ts');

// A reader that has seen enough (`| head`) closes the pipe: that is the end, not a failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

const code = await runProgram(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
process.exitCode = code;
// A start that failed may have left something of a library behind that would hold the process.
if (code !== 0) process.exit();
