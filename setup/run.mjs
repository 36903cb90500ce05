// Sets up what the project needs, where it is missing, and runs one of its commands. Plain JavaScript on Node's own modules: it runs
// before anything is installed. Usage: node setup/run.mjs start|test|bench [arguments]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingSystemPackages } from './system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.pilot-light-setup');
const [command = 'start', ...rest] = process.argv.slice(2);
// With --json the last line of stdout is the result: everything said on the way goes to stderr.
const say = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);

setUp();
process.exit(runCommand());

function setUp() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (!(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19))) {
    fail(
      `Pilot Light runs on Node 20.19 or newer, or 22.12 or newer. Given: ${process.versions.node}. Install one of those and run this again.`,
    );
  }
  const packages = !isCurrent();
  const system = missingSystemPackages();
  if (packages || system.length > 0) {
    const parts = [
      ...(packages ? ['the npm packages of the lockfile'] : []),
      ...(system.length > 0 ? [`from the distribution: ${system.join(', ')}`] : []),
    ];
    say(`Setting up, once. Installing ${parts.join('; ')}.`);
  } else {
    say(
      command === 'test'
        ? 'Running the test suite.'
        : command === 'bench'
          ? 'Running the benchmarks.'
          : 'Rehearsing a failover between two Regions on this machine.',
    );
  }
  if (system.length > 0) installSystemPackages(system);
  if (packages) installPackages();
  const built = spawnSync(process.execPath, [join(root, 'setup', 'build.mjs')], { stdio: ['ignore', 2, 2], cwd: root });
  if (built.status !== 0) fail('The build failed: see above.', 1);
}

function runCommand() {
  const [program, args] =
    command === 'test'
      ? [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ['run', ...rest]]
      : command === 'bench'
        ? [join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), [join(root, 'bench', 'run.ts'), ...rest]]
        : [join(root, 'bin', 'pilot-light.mjs'), ['rehearse', ...rest]];
  const child = spawnSync(process.execPath, [program, ...args], {
    stdio: 'inherit',
    cwd: command === 'start' ? process.cwd() : root,
  });
  return child.status ?? 1;
}

function isCurrent() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash();
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function installPackages() {
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2], cwd: root });
  if (npm.status !== 0)
    fail('`npm ci` failed: see above. Check that the npm registry can be reached, and run this again.', 1);
  writeFileSync(stamp, lockHash());
}

/** @param {string[]} names */
function installSystemPackages(names) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get')) {
    fail(`This needs a Debian or Ubuntu machine, or these installed by hand: ${names.join(', ')}.`);
  }
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? [] : ['sudo'];
  const run = (/** @type {string[]} */ args) => {
    const [program = '', ...tail] = [...prefix, ...args];
    return spawnSync(program, tail, {
      stdio: ['inherit', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status;
  };
  // Without lists an install finds nothing; with stale ones it finds files that are gone.
  run(['apt-get', 'update', '-q']);
  if (run(['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...names]) !== 0) {
    fail(
      `Installing ${names.join(', ')} failed. Install them by hand (apt-get install ${names.join(' ')}) and run this again.`,
      1,
    );
  }
}

/** @param {string} message */
function fail(message, code = 2) {
  say(message);
  process.exit(code);
}
