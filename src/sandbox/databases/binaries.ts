/** Finds the database server's programs on this machine. */

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { usageError } from '../../kernel/errors.ts';

export interface Binaries {
  readonly server: string;
  readonly install: string;
  readonly backup: string;
}

/** Places of servers and of package managers that are not always on a user's PATH. */
const elsewhere = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin', '/opt/local/bin'];

/** Throws one usage error that names everything missing and the packages that bring it. */
export function findBinaries(folders = [...(process.env.PATH ?? '').split(delimiter), ...elsewhere]): Binaries {
  const server = find(folders, ['mariadbd']);
  const install = find(folders, ['mariadb-install-db']);
  const backup = find(folders, ['mariadb-backup', 'mariabackup']);
  if (server === undefined || install === undefined || backup === undefined) {
    const missing = Object.entries({ mariadbd: server, 'mariadb-install-db': install, 'mariadb-backup': backup })
      .filter(([, found]) => found === undefined)
      .map(([name]) => name);
    throw usageError(`The sandbox's databases need MariaDB, and this machine lacks ${missing.join(', ')}.`, {
      next: 'Install the Debian packages mariadb-server and mariadb-backup (on macOS: brew install mariadb).',
    });
  }
  return { server, install, backup };
}

function find(folders: readonly string[], names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(executable);
    if (found !== undefined) return found;
  }
  return undefined;
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
