/** `npm run bench -- NAME`: sets the checkout up, brings the peer programs, and runs one benchmark. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { handOver } from './hand-over.js';
import { root } from './runtime.js';
import { setUpOrExit } from './setup.js';
import { ensureTools } from './tools.js';

const dir = join(root, 'scripts', 'bench');
const [name, ...args] = process.argv.slice(2);
const names = existsSync(dir)
  ? readdirSync(dir)
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.slice(0, -'.ts'.length))
  : [];

if (name !== undefined && names.includes(name)) {
  const node = setUpOrExit();
  const missing = ensureTools((line) => process.stderr.write(`heliograph: ${line}\n`));
  if (missing) process.stderr.write(`heliograph: ${missing}\n`);
  handOver(node, join('scripts', 'bench', `${name}.ts`), args);
} else {
  const known = names.length > 0 ? names.join(', ') : '(none yet)';
  process.stderr.write(name === undefined ? '' : `heliograph: no benchmark is called "${name}"\n`);
  process.stdout.write(`npm run bench -- NAME, where NAME is one of: ${known}\n`);
  process.exitCode = name === undefined ? 0 : 1;
}
