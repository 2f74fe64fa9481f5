/** `npm run demo`: sets the checkout up and runs two nodes that show a film going from one to the other. */
import { handOver } from './hand-over.js';
import { setUpOrExit } from './setup.js';

handOver(setUpOrExit(), 'scripts/demo.ts', process.argv.slice(2));
