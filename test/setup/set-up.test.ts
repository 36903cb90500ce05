import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { setUp } from '../../setup/set-up.mjs';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'pilot light set-up '));
  lockfile('package-lock.json', { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': other });
});
afterEach(() => rmSync(root, { recursive: true }));

const other = { version: '1.0.0', optional: true };
const programs = ['mariadbd', 'mariadb-install-db', 'mariadb-backup', 'mariadb-binlog', 'libfaketimeMT.so.1'];

function lockfile(path: string, packages: object): void {
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(join(root, path), JSON.stringify({ packages }));
}

/** Sets up on a machine that has (or lacks) the system's packages. Answers what was said and run, in order. */
function attempt({
  node = '20.19.0',
  lacks = '',
  platform = 'linux' as NodeJS.Platform,
  fails = 'nothing',
  tests = false,
  offered = ['awscli', 'python3-boto3', 'bind9-dnsutils'],
} = {}) {
  const log: string[] = [];
  const machine = {
    platform,
    root: true,
    folders: ['/bin'],
    exists: (path: string) =>
      path.endsWith('apt-get') || programs.some((name) => path.endsWith(name) && name !== lacks),
    offers: (name: string) => offered.includes(name),
    run: (program: string, args: readonly string[]) => {
      log.push(`ran ${[program === process.execPath ? 'node' : program, ...args].join(' ').replace(root, '.')}`);
      return !log.at(-1)?.includes(fails);
    },
  };
  const code = setUp({ root, otherwise: 'Working.', node, machine, say: (line) => log.push(line), tests });
  return { code, log };
}

test('with nothing there it says first what it installs, then installs, then builds', () => {
  expect(attempt({ lacks: 'mariadbd' })).toEqual({
    code: undefined,
    log: [
      'Setting up, once. Installing the npm packages of the lockfile, and mariadb-server from the distribution.',
      expect.stringMatching(/apt-get .*update$/),
      expect.stringMatching(/apt-get .*install .*mariadb-server$/),
      'ran npm ci --include=dev --no-audit --no-fund',
      'ran node ./setup/build.mjs',
    ],
  });
});

test('with everything there it only looks whether the build is fresh', () => {
  lockfile('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
  expect(attempt()).toEqual({ code: undefined, log: ['Working.', 'ran node ./setup/build.mjs'] });
});

test('for tests it also installs their clients, those the distribution offers, and goes on without the others', () => {
  lockfile('node_modules/.package-lock.json', { 'node_modules/a': { version: '1.0.0' } });
  const { code, log } = attempt({ tests: true, offered: ['python3-boto3', 'bind9-dnsutils'], fails: 'boto3' });
  expect({ code, log }).toEqual({
    code: undefined,
    log: [
      'Setting up, once. Installing for the tests python3-boto3, bind9-dnsutils where the distribution offers them.',
      expect.stringMatching(/apt-get .*install .*python3-boto3$/),
      'python3-boto3 could not be installed: the tests that use it are skipped.',
      expect.stringMatching(/apt-get .*install .*bind9-dnsutils$/),
      'ran node ./setup/build.mjs',
    ],
  });
  expect(attempt({ tests: true, offered: [] }).log[0]).toBe('Working.');
});

test.each([
  ['another version than the lockfile says', { 'node_modules/a': { version: '0.9.0' } }],
  ['a package less', { 'node_modules/b': other }],
])('packages are installed again where there is %s', (_name, present) => {
  lockfile('node_modules/.package-lock.json', present);
  expect(attempt().log).toContain('ran npm ci --include=dev --no-audit --no-fund');
});

test('an old Node is refused, whatever else is there', () => {
  for (const node of ['18.20.0', '20.18.3', '21.7.0', '22.11.0']) {
    expect(attempt({ node })).toEqual({ code: 2, log: [expect.stringContaining(`Given: ${node}.`)] });
  }
  for (const node of ['20.19.0', '22.12.0', '24.0.0']) expect(attempt({ node }).code).toBeUndefined();
});

test('where system packages can not be installed, nothing else is', () => {
  expect(attempt({ lacks: 'mariadbd', platform: 'darwin' })).toEqual({
    code: 2,
    log: [expect.stringMatching(/mariadb-server/)],
  });
});

test('a failure names its remedy and stops', () => {
  expect(attempt({ lacks: 'mariadbd', fails: 'install ' }).code).toBe(2);
  const npm = attempt({ fails: 'npm ci' });
  expect(npm.code).toBe(1);
  expect(npm.log.at(-1)).toMatch(/npm registry/);
  expect(attempt({ fails: 'build.mjs' }).code).toBe(1);
});
