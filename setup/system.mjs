// What the sandbox needs from the distribution, and which Debian package each comes from.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const programs = {
  'mariadb-server': ['mariadbd', 'mariadb-install-db'],
  'mariadb-backup': ['mariadb-backup'],
  'mariadb-client': ['mariadb-binlog'],
};

const libraries = {
  faketime: [
    '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1',
    '/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1',
    '/usr/lib/faketime/libfaketimeMT.so.1',
  ],
};

/** The Debian packages that are missing, by name. */
export function missingSystemPackages() {
  const missing = Object.entries(programs)
    .filter(([, names]) => !names.every(isInstalled))
    .map(([name]) => name);
  for (const [name, paths] of Object.entries(libraries))
    if (!paths.some((path) => existsSync(path))) missing.push(name);
  return missing;
}

/** @param {string} program */
function isInstalled(program) {
  // Servers stand in sbin, which isn't on everybody's path.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}
