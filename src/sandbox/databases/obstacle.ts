/**
 * A row that shouldn't be on a replica: the source's insert of the same key stops the applier with error 1062, as a replica that was
 * once written to does it. The row is in a table of the service's own, so that nothing of the owner's is ever touched.
 */

import { replication } from './replication.ts';
import type { Session } from './session.ts';

/** Not logged: it is on this server alone. */
export async function obstruct(session: Session, name: string): Promise<void> {
  await session.run('SET SESSION sql_log_bin = OFF');
  await session.run("INSERT IGNORE INTO mysql.rds_sysinfo VALUES (?, 'obstacle')", [name]);
}

/** A transaction of the service's own, as RDS writes its others. */
export async function trip(session: Session, name: string): Promise<void> {
  await session.run("SET SESSION binlog_format = 'STATEMENT'");
  await session.run("INSERT INTO mysql.rds_sysinfo VALUES (?, 'trip')", [name]);
}

/** The row goes only where it stood in the way: after the applier has got past it, the name belongs to the source's row. */
export async function clear(session: Session, name: string): Promise<void> {
  await session.run('SET SESSION sql_log_bin = OFF');
  await session.run("DELETE FROM mysql.rds_sysinfo WHERE name = ? AND value = 'obstacle'", [name]);
  const seen = await replication(session);
  if (seen !== undefined && !seen.applying && seen.receiving !== 'no') await session.run('START SLAVE SQL_THREAD');
}
