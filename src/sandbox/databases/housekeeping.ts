/** What the service does inside a server besides replication: variables, its heartbeat, and the binary logs it rotates and removes. */

import { replicationUser, serviceUser } from './accounts.ts';
import type { Usage, Variables } from './database.ts';
import type { Session } from './session.ts';

export async function setVariables(session: Session, variables: Variables): Promise<void> {
  for (const [name, value] of Object.entries(variables)) {
    // MariaDB refuses a number in quotes, and wants quotes around what only looks like a word.
    await session.run(`SET GLOBAL ${name} = ?`, [/^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value]);
  }
}

/**
 * RDS logs its own transactions as statements, even where the owner's are rows. Their texts are those that readers of binary logs filter
 * by. Sources: debezium/debezium#1057, zendesk/maxwell#1167.
 */
export async function beat(session: Session, now: number): Promise<void> {
  const value = Math.floor(now);
  await session.run("SET SESSION binlog_format = 'STATEMENT'");
  await session.run('INSERT INTO mysql.rds_heartbeat2(id, value) values (1,?) ON DUPLICATE KEY UPDATE value = ?', [
    value,
    value,
  ]);
  await session.run("INSERT INTO mysql.rds_sysinfo(name, value) values ('innodb_txn_key',?)", [
    new Date(value).toUTCString(),
  ]);
  await session.run("DELETE FROM mysql.rds_sysinfo where name = 'innodb_txn_key'");
}

export async function usage(session: Session): Promise<Usage> {
  const [sessions] = await session.run(
    "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE user NOT IN (?, ?, 'system user', 'event_scheduler')",
    [serviceUser, replicationUser],
  );
  const [tables] = await session.run('SELECT SUM(file_size) AS n FROM information_schema.innodb_sys_tablespaces');
  const logs = await session.run('SHOW BINARY LOGS');
  return {
    connections: Number(sessions?.n ?? 0),
    bytes: Number(tables?.n ?? 0),
    logBytes: logs.reduce((sum, { File_size: size }) => sum + Number(size ?? 0), 0),
  };
}

export async function binlogRetentionHours(session: Session): Promise<number | undefined> {
  const [row] = await session.run("SELECT value FROM mysql.rds_configuration WHERE name = 'binlog retention hours'");
  const value = row?.value;
  return value === null || value === undefined ? undefined : Number(value);
}

export async function rotateLogs(session: Session): Promise<string> {
  await session.run('FLUSH LOCAL BINARY LOGS');
  const [row] = await session.run('SHOW BINLOG STATUS');
  return String(row?.File ?? '');
}

export async function purgeLogs(session: Session, before: string): Promise<void> {
  await session.run('PURGE BINARY LOGS TO ?', [before]);
}
