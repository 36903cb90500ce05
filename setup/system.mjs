// What the sandbox needs from the distribution, which Debian package each comes from, and how they are installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * The machine as set-up sees it, passed in so that other machines can be tried.
 * @typedef {object} Machine
 * @property {NodeJS.Platform} platform
 * @property {boolean} root whether set-up runs as root
 * @property {readonly string[]} folders where programs are looked for
 * @property {(path: string) => boolean} exists
 * @property {(program: string, args: readonly string[], environment?: Record<string, string>) => boolean} run
 *   runs a program to its end, its output on stderr; answers whether it succeeded
 * @property {(name: string) => boolean} offers whether the distribution's lists, as they are here, know a package
 */

/** @returns {Machine} */
export function thisMachine() {
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    // Servers stand in sbin, which isn't on everybody's path.
    folders: [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin'].filter(Boolean),
    exists: existsSync,
    run: (program, args, environment = {}) =>
      spawnSync(program, args, { stdio: ['inherit', 2, 2], env: { ...process.env, ...environment } }).status === 0,
    offers: (name) => spawnSync('apt-cache', ['show', '--no-all-versions', name], { stdio: 'ignore' }).status === 0,
  };
}

/** @type {Readonly<Record<string, readonly string[]>>} */
const programs = {
  'mariadb-server': ['mariadbd', 'mariadb-install-db'],
  'mariadb-backup': ['mariadb-backup'],
  'mariadb-client': ['mariadb-binlog'],
};

/** @type {Readonly<Record<string, readonly string[]>>} */
const libraries = {
  faketime: [
    '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
    '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
    '/usr/lib64/faketime/libfaketimeMT.so.1',
    '/usr/lib/faketime/libfaketimeMT.so.1',
    '/usr/local/lib/faketime/libfaketimeMT.so.1',
  ],
};

/**
 * What only tests use, by Debian package: clients of another age and language. A distribution may not offer all of them; tests whose
 * client is missing are skipped and say so.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const testClients = {
  awscli: ['/usr/bin/aws'],
  'python3-boto3': ['/usr/lib/python3/dist-packages/boto3'],
  'bind9-dnsutils': ['/usr/bin/dig'],
};

/**
 * The Debian packages tests would like that are missing and can be installed here.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function missingTestClients(machine) {
  const missing = Object.keys(testClients).filter((name) => !testClients[name]?.some((path) => machine.exists(path)));
  return missing.length === 0 || obstacle(missing, machine) !== undefined ? [] : missing;
}

/**
 * The Debian packages that are missing, by name.
 * @param {Machine} machine
 * @returns {string[]}
 */
export function missingSystemPackages(machine) {
  return [
    ...Object.keys(programs).filter((name) => !programs[name]?.every((program) => find(machine, program))),
    ...Object.keys(libraries).filter((name) => !libraries[name]?.some((path) => machine.exists(path))),
  ];
}

/**
 * Why these packages can't be installed here, and what to do instead; undefined when they can.
 * @param {readonly string[]} names
 * @param {Machine} machine
 * @returns {string | undefined}
 */
export function obstacle(names, machine) {
  const byHand = `Install ${names.join(', ')} and run this again.`;
  if (machine.platform !== 'linux') {
    return `The sandbox needs Linux: run this in a Debian or Ubuntu virtual machine (on macOS for example one of \`brew install lima\`), which gets ${names.join(', ')} by itself. Given: ${machine.platform}.`;
  }
  if (!find(machine, 'apt-get')) {
    return `Only Debian's and Ubuntu's packages can be installed by this command, and there is no apt-get here. ${byHand} They bring the programs ${names.flatMap((name) => programs[name] ?? []).join(', ')} and libfaketime.`;
  }
  if (!machine.root && !find(machine, 'sudo')) {
    return `Installing takes root, and there is no sudo here. As root: apt-get install ${names.join(' ')}. Then run this again.`;
  }
  return undefined;
}

/**
 * Installs Debian packages, with sudo where not root.
 * @param {readonly string[]} names
 * @param {Machine} machine
 * @returns {string | undefined} what went wrong and what to do
 */
export function installSystemPackages(names, machine) {
  const apt = aptOf(machine);
  // Without lists an install finds nothing; with stale ones it finds files that are gone.
  apt('update');
  if (apt('install', '-y', '--no-install-recommends', ...names)) return undefined;
  return `Installing ${names.join(', ')} failed: see above. As root: apt-get install ${names.join(' ')}. Then run this again.`;
}

/**
 * Installs what only tests use, each by itself: one that can't be had must not keep the others away. The distribution's lists are
 * those that are here.
 * @param {readonly string[]} names
 * @param {Machine} machine
 * @param {(line: string) => void} say
 */
export function installTestClients(names, machine, say) {
  const apt = aptOf(machine);
  for (const name of names.filter((one) => machine.offers(one))) {
    if (!apt('install', '-y', '--no-install-recommends', name))
      say(`${name} could not be installed: the tests that use it are skipped.`);
  }
}

/** @param {Machine} machine @returns {(...args: string[]) => boolean} */
function aptOf(machine) {
  return (/** @type {string[]} */ ...args) => {
    // Another copy may be setting up at the same time: wait for its lock.
    const line = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300', ...args];
    // Through env: sudo passes no environment on.
    const quiet = ['env', 'DEBIAN_FRONTEND=noninteractive', ...line];
    return machine.root ? machine.run('env', quiet.slice(1)) : machine.run('sudo', quiet);
  };
}

/** @param {Machine} machine @param {string} program */
const find = ({ folders, exists }, program) => folders.some((folder) => exists(join(folder, program)));
