/** Hands over to the signal counter, as `npm start` does to the node. */
import { handOver } from '../../../scripts/hand-over.js';

handOver(process.execPath, 'test/scripts/programs/signal-counter.ts', process.argv.slice(2));
