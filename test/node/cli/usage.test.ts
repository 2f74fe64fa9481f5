/** The command line itself: help, unknown names, wrong values and exit codes, by the real program. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProgram } from '../../../node/cli/program.ts';
import { runCli, runHere } from './run-cli.ts';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heliograph-cli-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const nowhere = { out: () => {}, err: () => {} };

function everyVerb(command: Command, path: string[] = []): string[][] {
  return command.commands.flatMap((sub) => [[...path, sub.name()], ...everyVerb(sub, [...path, sub.name()])]);
}

test('every verb has help that names its data directory and --json', async () => {
  const verbs = everyVerb(createProgram(nowhere));
  expect(verbs).toContainEqual(['channel', 'export-key']);
  for (const verb of verbs) {
    const { code, stdout: shown, stderr } = await runHere([...verb, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(shown).toContain(`Usage: heliograph ${verb.join(' ')}`);
    expect(shown).toContain('--data <dir>');
    expect(shown).toContain('--json');
  }
});

test.each([
  [['publsh', 'x'], "unknown command 'publsh' (did you mean publish?)"],
  [['channel', 'lst'], "unknown command 'lst' (did you mean list?)"],
  [['jobs', 'cancle'], "unknown command 'jobs cancle' (did you mean jobs cancel or jobs retry?)"],
  [['status', '--jsn'], "unknown option '--jsn' (did you mean --json?)"],
  [['serve', '--gatewy', 'x'], "unknown option '--gatewy' (did you mean --gateway?)"],
  [['serve', '--gateway', 'x'], "option '--gateway <host:port>' argument 'x' is invalid"],
  [['follow', 'k51', '--mirror', '--budget', 'much'], "option '--budget <size>' argument 'much' is invalid"],
  [['follow', 'k51', '--budget', '1GB'], '--budget needs --mirror'],
  [['publish', 'k51'], "missing required argument 'file'"],
  [['publish', 'k51', 'a', 'b', '--title', 't'], '--title fits one file'],
  [['publish', 'k51', 'a', '--season', '2'], '--season and --episode need --series'],
  [['publish', 'k51', 'a', '--series', 's'], '--series needs --episode'],
  [
    ['publish', 'k51', 'a', '--series', 's', '--episode', 'x'],
    "option '--episode <number>' argument 'x' is invalid. Write a whole number",
  ],
  [['channel', 'edit', 'k51'], 'nothing to change'],
])('%j is refused by name with exit code 2', async (args, line) => {
  const { code, stdout, stderr } = await runHere(args);
  expect(stderr).toContain(`heliograph: ${line}`);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

test('the program ends with that line and code, and with --json with a document', async () => {
  const { code, stdout, stderr } = await runCli(['publsh', 'x', '--json']);
  expect(code).toBe(2);
  expect(stderr).toBe("heliograph: unknown command 'publsh' (did you mean publish?)\n");
  expect(JSON.parse(stdout)).toEqual({
    error: { code: 'bad-request', message: "unknown command 'publsh' (did you mean publish?)" },
  });
});

test('no verb at all shows the help on stderr and ends with 2', async () => {
  const { code, stdout, stderr } = await runHere([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: heliograph');
});

test('without a node each verb says so at once, by $HELIOGRAPH_DATA or --data', async () => {
  const { code, stdout, stderr } = await runCli(['status'], { HELIOGRAPH_DATA: dir });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe(`heliograph: no Heliograph node is running on ${dir}; start one with \`npm start\`\n`);
  const other = await runHere(['jobs', '--data', join(dir, 'other'), '--json']);
  expect(JSON.parse(other.stdout).error.code).toBe('node-not-running');
  expect(other.stderr).toContain(`running on ${dir}/other;`);
});

test('a word left by a node that was killed is not taken for a node', async () => {
  const left = { pid: 1, url: 'http://127.0.0.1:1', token: 't' };
  await writeFile(join(dir, 'studio.json'), JSON.stringify(left));
  const { code, stderr } = await runHere(['peers', '--data', dir]);
  expect(code).toBe(1);
  expect(stderr).toContain('no Heliograph node is running');
});

test('serve refuses a bad configuration in one line before it opens anything', async () => {
  const file = join(dir, 'config.json');
  await writeFile(file, '{"gateway":{"prot":1}}');
  const data = join(dir, 'never-made');
  const { code, stdout, stderr } = await runHere(['serve', '--data', data, '--config', file]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toBe('heliograph: configuration refused: unknown key "gateway.prot"\n');
});
