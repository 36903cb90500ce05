/** Asynchronous replication by GTID, as one server sees it. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint } from '../contract.ts';
import type { Replication } from './database.ts';
import type { Session } from './session.ts';
import { replicationUser } from './system-schema.ts';

/** Seconds of AWS time: between attempts to reach a silent source, and between a source's signs of life. */
const retry = 5;
const heartbeat = 5;
/** Real milliseconds for the link to come up; after that it goes on trying by itself. */
const patience = 3000;

export async function follow(session: Session, source: Endpoint, position: string, password: string): Promise<void> {
  // Told a second time, it has gone on from there already.
  if ((await replication(session)) === undefined) await pointAt(session, source, position, password);
  await forgetStop(session);
  await session.run('START SLAVE');
  for (let waited = 0; waited < patience; waited += 10) {
    if ((await replication(session))?.receiving !== 'connecting') return;
    await pause(10);
  }
}

async function pointAt(session: Session, source: Endpoint, position: string, password: string): Promise<void> {
  await session.run('SET GLOBAL gtid_slave_pos = ?', [position]);
  await session.run(
    `CHANGE MASTER TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?,
       MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = ${retry}, MASTER_HEARTBEAT_PERIOD = ${heartbeat}`,
    [source.host, source.port, replicationUser, password],
  );
}

/** A restored server's own log is empty: without this it would number its transactions from one, as if they were older. */
export async function continueFrom(session: Session, position: string): Promise<void> {
  if (position === '') return;
  await session.run('SET GLOBAL gtid_slave_pos = ?', [position]);
  await session.run('SET GLOBAL gtid_binlog_state = ?', [position]);
}

export async function leave(session: Session): Promise<void> {
  await session.run('STOP SLAVE');
  await session.run('RESET SLAVE ALL');
  await forgetStop(session);
}

/** After a start of the server that left replication alone: goes on with it unless the owner had stopped it. */
export async function resume(session: Session): Promise<void> {
  const [stopped] = await session.run('SELECT 1 FROM mysql.rds_replication_status');
  if (stopped === undefined && (await replication(session)) !== undefined) await session.run('START SLAVE');
}

/** A stop is remembered for one replica's life; copies of it must not inherit it. */
async function forgetStop(session: Session): Promise<void> {
  await session.run('SET SESSION sql_log_bin = OFF');
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
  };
}

const textOf = (value: string | number | null | undefined): string => String(value ?? '');
