import { expect, test } from 'vitest';
import { installSystemPackages, missingSystemPackages, obstacle } from '../../setup/system.mjs';

const faketime = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const everything = ['mariadbd', 'mariadb-install-db', 'mariadb-backup', 'mariadb-binlog'].map((name) => `/bin/${name}`);

/** A machine that has these files, and remembers what was run on it. */
function machine(
  files: readonly string[],
  options: { platform?: NodeJS.Platform; root?: boolean; fails?: string } = {},
) {
  const ran: string[] = [];
  return {
    ran,
    platform: options.platform ?? ('linux' as const),
    root: options.root ?? true,
    folders: ['/bin'],
    exists: (path: string) => files.includes(path),
    offers: () => true,
    run: (program: string, args: readonly string[]) => {
      const line = [program, ...args].join(' ');
      ran.push(line);
      return options.fails === undefined || !line.includes(options.fails);
    },
  };
}

test('a machine that has everything misses nothing', () => {
  expect(missingSystemPackages(machine([...everything, faketime]))).toEqual([]);
});

test('what is missing is named by its Debian package', () => {
  expect(missingSystemPackages(machine([]))).toEqual([
    'mariadb-server',
    'mariadb-backup',
    'mariadb-client',
    'faketime',
  ]);
  expect(missingSystemPackages(machine([...everything.slice(1), faketime]))).toEqual(['mariadb-server']);
});

test('root installs directly, anybody else with sudo, both without questions', () => {
  const root = machine(['/bin/apt-get']);
  expect(obstacle(['mariadb-server'], root)).toBeUndefined();
  expect(installSystemPackages(['mariadb-server'], root)).toBeUndefined();
  expect(root.ran).toEqual([
    'env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update',
    'env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends mariadb-server',
  ]);
  const somebody = machine(['/bin/apt-get', '/bin/sudo'], { root: false });
  expect(obstacle(['mariadb-server'], somebody)).toBeUndefined();
  installSystemPackages(['mariadb-server'], somebody);
  expect(somebody.ran.map((line) => line.split(' ')[0])).toEqual(['sudo', 'sudo']);
});

test('a failed update of the lists is no reason not to try; a failed installation says what to do', () => {
  expect(installSystemPackages(['faketime'], machine(['/bin/apt-get'], { fails: ' update' }))).toBeUndefined();
  expect(installSystemPackages(['faketime'], machine(['/bin/apt-get'], { fails: ' install' }))).toMatch(
    /apt-get install faketime/,
  );
});

test.each([
  ['macOS', machine([], { platform: 'darwin' }), /needs Linux.*virtual machine.*mariadb-server, faketime/],
  ['a distribution without apt', machine([]), /no apt-get here\. Install mariadb-server, faketime .*mariadbd/],
  [
    'no root and no sudo',
    machine(['/bin/apt-get'], { root: false }),
    /no sudo here\. As root: apt-get install mariadb-server faketime\./,
  ],
])('where it can not install, it says what to install: %s', (_name, where, says) => {
  expect(obstacle(['mariadb-server', 'faketime'], where)).toMatch(says);
  expect(where.ran).toEqual([]);
});
