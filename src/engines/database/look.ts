/** One look at a server: what it is, what it holds, whom it follows, and what it was last told by the active side. */

import type { Query } from './dialect.ts';
import { dialectOf } from './dialect.ts';
import type { DatabaseLook, Heartbeat } from './requests.ts';

export async function look(query: Query): Promise<DatabaseLook> {
  const version = await versionOf(query);
  const dialect = dialectOf(version);
  const seen = {
    dialect: dialect.name,
    version,
    executed: await dialect.executed(query),
    replica: await dialect.replica(query),
    heartbeat: await heartbeat(query),
    serviceBeat: await serviceBeat(query),
  };
  // Last, so that nothing that was seen is younger than the look.
  const [state] = await query('SELECT @@global.read_only AS readOnly, UNIX_TIMESTAMP(NOW(3)) * 1000 AS now');
  return { ...seen, readOnly: Number(state?.readOnly) === 1, now: Number(state?.now) };
}

export async function versionOf(query: Query): Promise<string> {
  const [row] = await query('SELECT @@version AS version');
  return String(row?.version);
}

async function heartbeat(query: Query): Promise<Heartbeat | undefined> {
  if (!(await hasTable(query, 'pilot_light', 'heartbeat'))) return undefined;
  const [row] = await query(
    'SELECT UNIX_TIMESTAMP(beat) * 1000 AS at, heartbeat.* FROM pilot_light.heartbeat WHERE id = 1',
  );
  if (row === undefined) return undefined;
  return {
    at: Math.floor(Number(row.at)),
    epoch: Number(row.epoch),
    beats: row.beats === undefined ? undefined : Number(row.beats),
  };
}

/** RDS's own row, in epoch milliseconds. Source: debezium/debezium#1057, which shows its statements in a binary log. */
async function serviceBeat(query: Query): Promise<number | undefined> {
  if (!(await hasTable(query, 'mysql', 'rds_heartbeat2'))) return undefined;
  const [row] = await query('SELECT value FROM mysql.rds_heartbeat2 WHERE id = 1');
  return row?.value === undefined || row.value === null ? undefined : Number(row.value);
}

/** Whether there is one that this account may read. */
async function hasTable(query: Query, schema: string, table: string): Promise<boolean> {
  const found = await query('SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?', [
    schema,
    table,
  ]);
  return found.length > 0;
}
