import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeBackup } from '../../../src/sandbox/databases/backup.ts';

test('a copy that the server’s log has outrun is made once more, from the beginning', async () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'pilot-light-backup-')), 'backup');
  const ran: string[] = [];
  const run = async (name: string) => {
    ran.push(name);
    if (ran.length === 1) {
      throw new Error('Was only able to copy log from 48153 to 91200, not 131072; try increasing innodb_log_file_size');
    }
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'xtrabackup_binlog_info'), 'log.000001\t123\t0-1-7\n');
  };
  const backup = await takeBackup(run, { data: '/data', socket: '/socket' }, directory);
  expect(ran).toEqual(['copy', 'copy', 'prepare']);
  expect(backup.position).toBe('0-1-7');
});
