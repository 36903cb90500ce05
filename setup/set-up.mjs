// Sets up what the project needs where it is missing: system packages, npm packages by the lockfile, the build. Says first what it
// is going to do. Plain JavaScript on Node's own modules: it runs before anything is installed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  installSystemPackages,
  installTestClients,
  missingSystemPackages,
  missingTestClients,
  obstacle,
} from './system.mjs';

/**
 * @typedef {object} Setting
 * @property {string} root the project's folder, which is also the working directory
 * @property {string} otherwise what to say when there is nothing to set up
 * @property {string} node the version of Node that runs this
 * @property {import('./system.mjs').Machine} machine
 * @property {(line: string) => void} say
 * @property {boolean} [tests] whether tests follow, which use more than the product does
 */

/**
 * @param {Setting} setting
 * @returns {number | undefined} an exit code where it can't go on
 */
export function setUp({ root, otherwise, node, machine, say, tests = false }) {
  if (!isSupported(node)) {
    say(`Pilot Light runs on Node 20.19 or newer, or 22.12 or newer. Given: ${node}. Install one and run this again.`);
    return 2;
  }
  const packages = !hasPackages(root);
  const system = missingSystemPackages(machine);
  // Where system packages are missing the lists may be empty still; they are fetched before anything is installed.
  const clients = tests ? missingTestClients(machine).filter((name) => system.length > 0 || machine.offers(name)) : [];
  const parts = [
    ...(packages ? ['the npm packages of the lockfile'] : []),
    ...(system.length > 0 ? [`${system.join(', ')} from the distribution`] : []),
    ...(clients.length > 0 ? [`for the tests ${clients.join(', ')} where the distribution offers them`] : []),
  ];
  const why = system.length > 0 ? obstacle(system, machine) : undefined;
  if (why !== undefined) {
    say(why);
    return 2;
  }
  say(parts.length > 0 ? `Setting up, once. Installing ${parts.join(', and ')}.` : otherwise);
  const failure = system.length > 0 ? installSystemPackages(system, machine) : undefined;
  if (failure !== undefined) {
    say(failure);
    return 2;
  }
  if (clients.length > 0) installTestClients(clients, machine, say);
  // The tests and the build need the development packages, whatever NODE_ENV says.
  if (packages && !machine.run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'])) {
    say('`npm ci` failed: see above. Check that the npm registry can be reached, and run this again.');
    return 1;
  }
  if (!machine.run(process.execPath, [join(root, 'setup', 'build.mjs')])) {
    say('The build failed: see above.');
    return 1;
  }
  return undefined;
}

/** @param {string} version */
function isSupported(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
}

/** Whether node_modules holds what the lockfile says, by npm's own record of its last complete installation. @param {string} root */
function hasPackages(root) {
  try {
    const wanted = lockedPackages(join(root, 'package-lock.json'));
    const present = lockedPackages(join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(([path, { version, optional, devOptional, peer }]) => {
      const found = present[path];
      // What is optional may be for another machine.
      if (found === undefined) return path === '' || optional === true || devOptional === true || peer === true;
      return found.version === version;
    });
  } catch {
    return false;
  }
}

/** @param {string} file @returns {Record<string, {version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean}>} */
const lockedPackages = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
