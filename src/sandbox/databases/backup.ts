/** Physical copies of a running server, by MariaDB's own hot backup: writes go on meanwhile. */

import { cp, mkdir, readFile, rm } from 'node:fs/promises';
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
  await run('prepare', ['--no-defaults', '--prepare', `--target-dir=${directory}`, '--use-memory=16M']);
  return { directory, position: await positionOf(directory) };
}

/** Copies a prepared backup, to where a server's data belong or to be another backup. */
export async function copyBackup(backup: Backup, directory: string): Promise<Backup> {
  await discardBackup(directory);
  await cp(backup.directory, directory, { recursive: true });
  return { ...backup, directory };
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
