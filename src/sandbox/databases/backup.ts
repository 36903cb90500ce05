/** Physical copies of a running server, by MariaDB's own hot backup: writes go on meanwhile. */

import { constants } from 'node:fs';
import { copyFile, cp, link, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { serviceUser } from './accounts.ts';
import type { Backup } from './database.ts';

/** Runs a program to its end; rejects with the end of its output when it fails. */
export type RunProgram = (name: string, args: readonly string[]) => Promise<void>;

export async function takeBackup(
  run: RunProgram,
  source: { readonly data: string; readonly socket: string },
  directory: string,
): Promise<Backup> {
  const copy = async () => {
    // What an interrupted attempt left behind.
    await discardBackup(directory);
    await mkdir(dirname(directory), { recursive: true, mode: 0o700 });
    await run('copy', [
      '--no-defaults',
      '--backup',
      `--target-dir=${directory}`,
      `--datadir=${source.data}`,
      `--socket=${source.socket}`,
      `--user=${serviceUser}`,
    ]);
  };
  // On a busy machine the server's log may be written over before it was copied: a second attempt is another moment.
  await copy().catch(copy);
  await run('prepare', ['--no-defaults', '--prepare', `--target-dir=${directory}`, '--use-memory=16M']);
  return { directory, position: await positionOf(directory) };
}

/** Copies a prepared backup to where a server's data belong; blocks are shared until they are written to where the file system can. */
export async function restoreBackup(backup: Backup, directory: string): Promise<void> {
  await discardBackup(directory);
  await cp(backup.directory, directory, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/**
 * Makes another backup of a prepared one. Both are the same files under two names: nothing writes into a backup once it is prepared,
 * servers get copies, and a file lasts until the last of its names is removed.
 */
export async function copyBackup(backup: Backup, directory: string): Promise<Backup> {
  await discardBackup(directory);
  await linkAll(backup.directory, directory);
  return { ...backup, directory };
}

async function linkAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkAll(source, target);
    // A folder of a user's own may lie on another file system, or on one without links.
    else await link(source, target).catch(() => copyFile(source, target));
  }
}

export const discardBackup = (directory: string): Promise<void> => rm(directory, { recursive: true, force: true });

/** The file reads: log file, tab, offset, tab, GTID position. Its name has changed between releases. */
async function positionOf(directory: string): Promise<string> {
  for (const name of ['mariadb_backup_binlog_info', 'xtrabackup_binlog_info']) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => undefined);
    if (text !== undefined) return text.trim().split('\t')[2] ?? '';
  }
  throw new Error(`The backup in ${directory} doesn't say how far it reaches.`);
}
