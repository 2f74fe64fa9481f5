/** The CLI's entry: runs one verb and ends with 0, with 1 when it failed, or with 2 when it was called wrongly. */
import { enableCompileCache } from 'node:module';

enableCompileCache();
const { createProgram } = await import('./program.ts');
const { reportFailure } = await import('./report-failure.ts');

const argv = process.argv.slice(2);
const ahead = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;

// A reader that has seen enough (`| head`) closes the pipe: that is the end, not a failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

try {
  await createProgram().parseAsync(argv, { from: 'user' });
} catch (error) {
  const code = reportFailure(error, {
    json: ahead.includes('--json'),
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  // A start that failed may have left something of a library behind that would hold the process.
  process.exit(code);
}
