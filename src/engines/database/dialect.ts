/**
 * MySQL and MariaDB differ in how they name replication and its positions; everything else is common. The dialect is found from the
 * server itself, so a rehearsal on MariaDB never claims to have spoken MySQL's.
 */

import type { MariaDbReach } from './gtid/mariadb-reach.ts';
import { containsReach, lastOfEachDomain, parseReach, printReach, unionReach } from './gtid/mariadb-reach.ts';
import { containsMySql, parseMySqlSet } from './gtid/mysql-set.ts';
import type { ReplicaLook } from './requests.ts';

/** Runs one statement; answers rows as objects. */
export type Query = (statement: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

export interface Dialect {
  readonly name: 'mysql' | 'mariadb';
  executed(query: Query): Promise<string>;
  replica(query: Query): Promise<ReplicaLook | undefined>;
  /** Whether the server's `executed` holds every transaction of `set`. */
  contains(query: Query, set: string): Promise<boolean>;
  /** Seconds since the server started, as a part of a statement. */
  readonly uptime: string;
}

export const dialectOf = (version: string): Dialect => (/mariadb/i.test(version) ? mariadb : mysql);

const mariadb: Dialect = {
  name: 'mariadb',
  async executed(query) {
    const [row] = await query('SELECT @@global.gtid_current_pos AS position, @@global.gtid_binlog_pos AS logged');
    // A copy's binlog is empty until something went through it: what it was made with is in its position alone. Otherwise the last one logged.
    return printReach(lastOfEachDomain(unionReach(parseReach(text(row?.logged)), parseReach(text(row?.position)))));
  },
  async replica(query) {
    const [row] = await query('SHOW SLAVE STATUS');
    if (row === undefined) return undefined;
    const received = text(row.Gtid_IO_Pos);
    const [position] = await query('SELECT @@global.gtid_slave_pos AS position');
    const applied = text(position?.position);
    return {
      receiving: row.Slave_IO_Running === 'Yes',
      applying: row.Slave_SQL_Running === 'Yes',
      stopped: row.Slave_IO_Running === 'No' && row.Slave_SQL_Running === 'No',
      received,
      applied,
      // While it follows by files and positions nobody can say by GTIDs what has arrived.
      drained: row.Using_Gtid !== 'No' && holds(applied, received),
      // No column says when the last received transaction was committed before MariaDB 11.6.
      receivedAt: undefined,
      secondsBehind: numberOrUndefined(row.Seconds_Behind_Master),
      error: text(row.Last_SQL_Error) || undefined,
      linkError: text(row.Last_IO_Error) || undefined,
    };
  },
  async contains(query, set) {
    return containsReach(await held(query), parseReach(set));
  },
  uptime:
    "(SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status WHERE variable_name = 'UPTIME')",
};

const mysql: Dialect = {
  name: 'mysql',
  async executed(query) {
    const [row] = await query('SELECT @@GLOBAL.gtid_executed AS position');
    return text(row?.position).replaceAll('\n', '');
  },
  async replica(query) {
    const [row] = await query('SHOW REPLICA STATUS');
    if (row === undefined) return undefined;
    const received = text(row.Retrieved_Gtid_Set).replaceAll('\n', '');
    const applied = await this.executed(query);
    return {
      receiving: row.Replica_IO_Running === 'Yes',
      applying: row.Replica_SQL_Running === 'Yes',
      stopped: row.Replica_IO_Running === 'No' && row.Replica_SQL_Running === 'No',
      received,
      applied,
      drained: containsMySql(parseMySqlSet(applied), parseMySqlSet(received)),
      receivedAt: await lastReceived(query),
      secondsBehind: numberOrUndefined(row.Seconds_Behind_Source),
      error: text(row.Last_SQL_Error) || undefined,
      linkError: text(row.Last_IO_Error) || undefined,
    };
  },
  async contains(query, set) {
    const [row] = await query('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS holds', [set]);
    return Number(row?.holds) === 1;
  },
  uptime:
    "(SELECT CAST(variable_value AS SIGNED) FROM performance_schema.global_status WHERE variable_name = 'Uptime')",
};

/**
 * What a MariaDB server holds, from all it tells of itself: its binlog knows the last transaction of each server that went through it,
 * whether applied or written here; what came with the copy it was made from is in no binlog, and is known from the position it
 * replicates from. A domain's highest sequence alone would say that an opened replica holds what it only counted past.
 */
async function held(query: Query): Promise<MariaDbReach> {
  const [row] = await query(
    'SELECT @@global.gtid_binlog_state AS state, @@global.gtid_binlog_pos AS logged, @@global.gtid_slave_pos AS applied',
  );
  return [row?.state, row?.logged, row?.applied].map((one) => parseReach(text(one))).reduce(unionReach);
}

/** Whether a MariaDB server that holds `reach` holds everything up to `set`: true only when that is sure. */
export const holds = (reach: string, set: string): boolean => containsReach(parseReach(reach), parseReach(set));

/** When the last received transaction was committed at its source; absent where the server keeps no such record. */
async function lastReceived(query: Query): Promise<number | undefined> {
  try {
    const [row] = await query(
      'SELECT MAX(UNIX_TIMESTAMP(LAST_QUEUED_TRANSACTION_IMMEDIATE_COMMIT_TIMESTAMP)) * 1000 AS at FROM performance_schema.replication_connection_status',
    );
    // Zero is "none since the server started".
    return numberOrUndefined(row?.at) || undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function numberOrUndefined(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
