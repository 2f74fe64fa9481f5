/** The command line as a whole: every verb, the options that all of them take, and what is refused. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Terminal } from './terminal.ts';
import { addChannelVerbs } from './verbs/channel.ts';
import { addChannelKeyVerbs } from './verbs/channel-key.ts';
import { addFollowVerbs } from './verbs/follow.ts';
import { addItemVerbs } from './verbs/item.ts';
import { addJobsVerbs } from './verbs/jobs.ts';
import { addPeersVerb } from './verbs/peers.ts';
import { addPublishVerb } from './verbs/publish.ts';
import { addServeVerb } from './verbs/serve.ts';
import { addStatusVerb } from './verbs/status.ts';

/** A fresh program. It throws `CommanderError` instead of ending the process, and prints no errors of its own. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('heliograph')
    .description('Television and a media library that belong to nobody’s server.')
    .version(version(), '--version', 'print the version')
    .option('--data <dir>', 'data directory of the node (default: $HELIOGRAPH_DATA, else ~/.heliograph)')
    .option('--json', 'print one JSON document on stdout; an error is {"error":{"code","message"}}')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err, outputError: () => {} })
    .exitOverride();
  addServeVerb(program);
  const channel = addChannelVerbs(program);
  addChannelKeyVerbs(channel);
  addPublishVerb(program);
  addItemVerbs(program);
  addJobsVerbs(program);
  addFollowVerbs(program);
  addPeersVerb(program);
  addStatusVerb(program);
  return program;
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
