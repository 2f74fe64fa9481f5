#!/usr/bin/env node
/** `npx heliograph VERB`: the package's program, which hands over to the CLI under Node 24. */
import { handOver } from './hand-over.js';
import { setUpOrExit } from './setup.js';

const args = process.argv.slice(2);
// Only a node that serves needs the web app; every other verb starts without asking for it.
const web = args[0] === 'serve';
handOver(setUpOrExit({ web, quiet: !web }), 'node/cli/main.ts', args);
