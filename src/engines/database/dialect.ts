/**
 * MySQL and MariaDB differ in how they name replication and its positions; everything else is common. The dialect is found from the
 * server itself, so a rehearsal on MariaDB never claims to have spoken MySQL's.
 */

import type { ReplicaLook } from './requests.ts';

/** Runs one statement; answers rows as objects. */
export type Query = (statement: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;

export interface Dialect {
  readonly name: 'mysql' | 'mariadb';
  executed(query: Query): Promise<string>;
  replica(query: Query): Promise<ReplicaLook | undefined>;
  /** Whether the server's `executed` holds every transaction of `set`. */
  contains(query: Query, set: string): Promise<boolean>;
}

export const dialectOf = (version: string): Dialect => (/mariadb/i.test(version) ? mariadb : mysql);

const mariadb: Dialect = {
  name: 'mariadb',
  async executed(query) {
    const [row] = await query('SELECT @@gtid_current_pos AS position, @@gtid_binlog_pos AS logged');
    return mergePositions(text(row?.position), text(row?.logged));
  },
  async replica(query) {
    const [row] = await query('SHOW SLAVE STATUS');
    if (row === undefined) return undefined;
    const received = text(row.Gtid_IO_Pos);
    const [applied] = await query('SELECT @@gtid_slave_pos AS position');
    return {
      receiving: row.Slave_IO_Running === 'Yes',
      applying: row.Slave_SQL_Running === 'Yes',
      received,
      drained: holds(text(applied?.position), received),
      secondsBehind: numberOrUndefined(row.Seconds_Behind_Master),
      error: text(row.Last_SQL_Error) || text(row.Last_IO_Error) || undefined,
    };
  },
  async contains(query, set) {
    return holds(await this.executed(query), set);
  },
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
    const [subset] = await query('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS drained', [received]);
    return {
      receiving: row.Replica_IO_Running === 'Yes',
      applying: row.Replica_SQL_Running === 'Yes',
      received,
      drained: Number(subset?.drained) === 1,
      secondsBehind: numberOrUndefined(row.Seconds_Behind_Source),
      error: text(row.Last_SQL_Error) || text(row.Last_IO_Error) || undefined,
    };
  },
  async contains(query, set) {
    const [row] = await query('SELECT GTID_SUBSET(?, @@GLOBAL.gtid_executed) AS holds', [set]);
    return Number(row?.holds) === 1;
  },
};

/** MariaDB's positions, `domain-server-sequence` by comma: the sequence of each domain only rises. */
export function parsePosition(position: string): Map<number, { server: number; sequence: bigint }> {
  const domains = new Map<number, { server: number; sequence: bigint }>();
  for (const part of position.split(',').map((piece) => piece.trim())) {
    const match = /^(\d+)-(\d+)-(\d+)$/.exec(part);
    if (match === null) continue;
    const domain = Number(match[1]);
    const sequence = BigInt(match[3] ?? 0);
    if (sequence > (domains.get(domain)?.sequence ?? -1n)) domains.set(domain, { server: Number(match[2]), sequence });
  }
  return domains;
}

/** Whether a MariaDB server at `position` holds everything up to `set`. */
export function holds(position: string, set: string): boolean {
  const has = parsePosition(position);
  return [...parsePosition(set)].every(([domain, { sequence }]) => (has.get(domain)?.sequence ?? -1n) >= sequence);
}

function mergePositions(one: string, other: string): string {
  const merged = parsePosition(`${one},${other}`);
  return [...merged].map(([domain, { server, sequence }]) => `${domain}-${server}-${sequence}`).join(',');
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

function numberOrUndefined(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}
