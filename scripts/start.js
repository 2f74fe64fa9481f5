/** `npm start -- ARGS`: sets the checkout up and serves a node in the foreground. */
import { handOver } from './hand-over.js';
import { setUpOrExit } from './setup.js';

handOver(setUpOrExit(), 'node/cli/main.ts', ['serve', ...process.argv.slice(2)]);
