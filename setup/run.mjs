// Sets up what the project needs, where it is missing, and becomes one of its commands: the same process, so that signals and exit
// codes are the command's own. Usage: node setup/run.mjs start|test|bench [arguments]
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setUp } from './set-up.mjs';
import { thisMachine } from './system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [command = 'start', ...rest] = process.argv.slice(2);
const modules = join(root, 'node_modules');

/** @type {Readonly<Record<string, {says: string, program: string, args: readonly string[]}>>} */
const commands = {
  start: {
    says: 'Rehearsing a failover between two Regions on this machine.',
    program: join(root, 'bin', 'pilot-light.mjs'),
    args: ['rehearse'],
  },
  test: { says: 'Running the test suite.', program: join(modules, 'vitest', 'vitest.mjs'), args: ['run'] },
  bench: {
    says: 'Running the benchmarks.',
    program: join(modules, 'tsx', 'dist', 'cli.mjs'),
    args: [join(root, 'bench', 'run.ts')],
  },
};

// With --json the last line of stdout is the result: everything said on the way goes to stderr.
const say = (/** @type {string} */ line) => void process.stderr.write(`${line}\n`);

const chosen = commands[command];
if (chosen === undefined) {
  say(`There is no such command. Given: ${command}. Allowed: ${Object.keys(commands).join(', ')}.`);
  process.exit(2);
}
// npm takes options before `--` for its own and drops them.
const swallowed = ['speed', 'scenario', 'customers', 'seed', 'timing', 'keep', 'report'].find(
  (name) => command === 'start' && process.env[`npm_config_${name}`] !== undefined,
);
if (swallowed !== undefined) {
  say(`Options go after \`--\`, or npm takes them for its own: npm start -- --${swallowed} ...`);
  process.exit(2);
}
process.chdir(root);
const refused = setUp({
  root,
  otherwise: chosen.says,
  node: process.versions.node,
  machine: thisMachine(),
  say,
  tests: command === 'test',
});
if (refused !== undefined) process.exit(refused);
process.argv = [process.execPath, chosen.program, ...chosen.args, ...rest];
await import(pathToFileURL(chosen.program).href);
