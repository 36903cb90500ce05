/** Asynchronous replication by GTID, as one server sees it. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '../contract.ts';
import { replicationUser } from './accounts.ts';
import type { Replication } from './database.ts';
import { linkAction } from './procedures.ts';
import type { Session } from './session.ts';

/** Seconds of AWS time: between attempts to reach a silent source, and between a source's signs of life. */
const retry = 5;
const heartbeat = 5;
/** Real milliseconds for the link to come up; after that it goes on trying by itself. */
const patience = 3000;

export async function follow(session: Session, source: Endpoint, position: string, password: string): Promise<void> {
  // Told a second time, it has gone on from there already.
  if ((await replication(session)) === undefined) await pointAt(session, source, position, password);
  await forgetLink(session);
  await noteLink(session, source);
  await session.run('START SLAVE');
  for (let waited = 0; waited < patience; waited += 10) {
    if ((await replication(session))?.receiving !== 'connecting') return;
    await pause(10);
  }
}

async function pointAt(session: Session, source: Endpoint, position: string, password: string): Promise<void> {
  // The source's wish for its future replicas came with the copy of it.
  const delay = await configured(session, 'target delay');
  await session.run('SET SESSION sql_log_bin = OFF');
  await session.run("UPDATE mysql.rds_configuration SET value = ? WHERE name = 'source delay'", [delay]);
  await session.run("UPDATE mysql.rds_configuration SET value = '0' WHERE name = 'target delay'");
  await session.run('SET GLOBAL gtid_slave_pos = ?', [position]);
  await session.run(
    `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?, MASTER_DELAY = ?,
       MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = ${retry}, MASTER_HEARTBEAT_PERIOD = ${heartbeat}`,
    [source.host, source.port, replicationUser, password, delay],
  );
}

async function noteLink(session: Session, source: Endpoint): Promise<void> {
  await session.run(
    `INSERT INTO mysql.rds_history (called_by_user, action, mysql_version, master_host, master_port, master_user)
       VALUES (CURRENT_USER(), ?, VERSION(), ?, ?, ?)`,
    [linkAction, source.host, source.port, replicationUser],
  );
}

/** A restored server's own log is empty: without this it would number its transactions from one, as if they were older. */
export async function continueFrom(session: Session, position: string): Promise<void> {
  await forgetLink(session);
  if (position === '') return;
  await session.run('SET GLOBAL gtid_slave_pos = ?', [position]);
  await session.run('SET GLOBAL gtid_binlog_state = ?', [position]);
}

export async function leave(session: Session): Promise<void> {
  await session.run('STOP SLAVE');
  await session.run('RESET SLAVE ALL');
  await forgetLink(session);
}

/** After a start of the server that left replication alone: goes on with it unless the owner had stopped it. */
export async function resume(session: Session): Promise<void> {
  const [stopped] = await session.run('SELECT 1 FROM mysql.rds_replication_status');
  if (stopped === undefined && (await replication(session)) !== undefined) await session.run('START SLAVE');
}

/** Whom it follows, and a stop of that, are remembered for one replica's life; copies of it must not inherit them. */
async function forgetLink(session: Session): Promise<void> {
  await session.run('SET SESSION sql_log_bin = OFF');
  await session.run('DELETE FROM mysql.rds_history WHERE action = ?', [linkAction]);
  await session.run('DELETE FROM mysql.rds_replication_status');
}

export async function replication(session: Session): Promise<Replication | undefined> {
  const [row] = await session.run('SHOW SLAVE STATUS');
  if (row === undefined) return undefined;
  const [applied] = await session.run('SELECT @@global.gtid_slave_pos AS position');
  const receiving = textOf(row.Slave_IO_Running).toLowerCase();
  const lag = row.Seconds_Behind_Master;
  return {
    receiving: receiving === 'yes' ? 'yes' : receiving === 'no' ? 'no' : 'connecting',
    applying: row.Slave_SQL_Running === 'Yes',
    lag: lag === null || lag === undefined ? undefined : Number(lag),
    error: [row.Last_IO_Error, row.Last_SQL_Error].map(textOf).filter(Boolean).join('; '),
    received: textOf(row.Gtid_IO_Pos),
    applied: textOf(applied?.position),
    delay: Number(row.SQL_Delay ?? 0),
    asked: await configured(session, 'source delay'),
  };
}

async function configured(session: Session, name: string): Promise<number> {
  const [row] = await session.run('SELECT value FROM mysql.rds_configuration WHERE name = ?', [name]);
  return Number(row?.value ?? 0);
}

const textOf = (value: string | number | null | undefined): string => String(value ?? '');
