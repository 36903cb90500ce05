/**
 * The audit: each acknowledged write is in the active database and bucket, or it is named as lost with the time it was acknowledged and
 * the reason, read from the replica's transaction set at promotion and the kept old primary's own log.
 */

import { createConnection } from 'mysql2/promise';
import { rdsOf } from '../engines/database/rds.ts';
import { isoTime } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { regionOf } from '../workload/judged.ts';
import type { Unreplicated } from './lost-rows.ts';
import { unreplicatedInserts } from './lost-rows.ts';
import { idOf, keyOf, objectKeys } from './objects.ts';
import type { Attempt } from './record.ts';
import type { LostWrite } from './result.ts';
import { authorityOf, latestRun } from './runs.ts';
import type { Stage } from './stage.ts';

export interface Audit {
  readonly acknowledged: readonly Attempt[];
  readonly present: number;
  readonly lost: readonly LostWrite[];
  /** Objects that no row promises: writes that failed half-way, and rows that were lost. */
  readonly objectsWithoutRows: number;
  /** Rows or objects whose content isn't what the customer was told was stored. */
  readonly altered: readonly string[];
}

/** The position of the replica when it was promoted, as the failover's run recorded it. */
interface Position {
  readonly executed: string;
}

export async function audit(stage: Stage): Promise<Audit> {
  const { active } = await authorityOf(stage);
  const { object: leaves } = stage.customers;
  const [rows, keys] = await Promise.all([writtenRows(stage, active), objectKeys(stage, active)]);
  await stage.attempts.refresh();
  const acknowledged = stage.attempts.acknowledged;
  const missing = acknowledged.flatMap((attempt) => {
    const row = rows.has(attempt.id);
    const object = leaves === undefined || keys.has(keyOf(leaves, attempt.id));
    return row && object ? [] : [{ attempt, row, object }];
  });
  const position = ((await latestRun(stage, 'failover'))?.facts.position as Position | undefined)?.executed;
  const withoutRow = missing.filter(({ row }) => !row).map(({ attempt }) => attempt.id);
  const explained = await explanations(stage, position, withoutRow);
  const lost = missing.map(({ attempt, row, object }): LostWrite => {
    const reasons = [
      ...(row ? [] : [explained.get(attempt.id)]),
      ...(object ? [] : ['its object has not been replicated to the active bucket']),
    ];
    return {
      id: attempt.id,
      acknowledgedAt: isoTime(attempt.endedAt),
      what: row ? 'object' : object ? 'row' : 'row and object',
      reason: reasons.every((reason) => reason !== undefined) ? reasons.join('; ') : undefined,
    };
  });
  return {
    acknowledged,
    present: acknowledged.length - lost.length,
    lost,
    objectsWithoutRows: leaves === undefined ? 0 : [...keys].filter((key) => isOrphan(leaves, key, rows)).length,
    altered: acknowledged.filter(({ id, sha256 }) => (rows.get(id) ?? sha256) !== sha256).map(({ id }) => id),
  };
}

function isOrphan(leaves: { readonly key: string }, key: string, rows: ReadonlyMap<string, unknown>): boolean {
  const id = idOf(leaves, key);
  return id !== undefined && !rows.has(id);
}

/** Every row's id, and its content's hash where rows have one, read from the side's database itself. */
async function writtenRows(stage: Stage, side: 'primary' | 'recovery'): Promise<Map<string, string | undefined>> {
  const { names } = stage;
  const host = (await rdsOf(stage.clients(side)).describe(names.database))?.Endpoint?.Address;
  if (host === undefined) throw new Error(`The ${side} database has no address.`);
  const { table, id, sha256 } = stage.customers.row;
  const rows = await ask(stage, side, host, 'SELECT ?? AS id, ?? AS content FROM ??', [id, sha256 ?? id, table]);
  return new Map(rows.map((row) => [String(row.id), sha256 === undefined ? undefined : String(row.content)]));
}

/** One question to a database, as the application's neighbour. */
async function ask(
  stage: Stage,
  side: 'primary' | 'recovery',
  host: string,
  sql: string,
  values: readonly string[],
): Promise<readonly Record<string, unknown>[]> {
  const { workload, names } = stage;
  const { username, password } = await secret(stage, side, names.masterSecret);
  const door = await stage.target.databaseDoor(regionOf(workload, side), host);
  const connection = await createConnection({
    host: door.host,
    port: door.port,
    user: username,
    password,
    database: workload.database.name,
    connectTimeout: 5000,
  });
  try {
    const [rows] = await connection.query(sql, [...values]);
    return rows as Record<string, unknown>[];
  } finally {
    connection.destroy();
  }
}

/** For each row that never reached the replica: the transaction it was in, or that the log which knows it can't be read. */
async function explanations(
  stage: Stage,
  position: string | undefined,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (position === undefined || ids.length === 0) return new Map();
  const { dark, back } = stage.moments;
  if (dark !== undefined && back === undefined) {
    const reason = `not in the replica, which held ${position} when it was promoted; the log that names its transaction is in the dark Region`;
    return new Map(ids.map((id) => [id, reason]));
  }
  const found = new Map<string, string>();
  for (const { transaction, keys } of await unreplicated(stage, position)) {
    for (const key of keys) {
      found.set(
        key,
        `transaction ${transaction} was in the old primary's log but not in the replica, which held ${position} when it was promoted`,
      );
    }
  }
  return found;
}

async function unreplicated(stage: Stage, position: string): Promise<readonly Unreplicated[]> {
  try {
    return await oldPrimaryInserts(stage, position);
  } catch (error) {
    stage.problem(`the old primary's log couldn't be read: ${messageOf(error)}`);
    return [];
  }
}

/** Customers' rows in the old primary's log that the replica didn't hold when it was promoted. */
export async function oldPrimaryInserts(stage: Stage, position: string): Promise<readonly Unreplicated[]> {
  const { workload, names } = stage;
  const { epoch } = await authorityOf(stage);
  const rds = rdsOf(stage.clients('primary'));
  // Kept under the epoch in which the run went home; before that it stands under its own name.
  const kept = (await rds.describe(names.keptDatabase(epoch))) ?? (await rds.describe(names.database));
  const host = kept?.Endpoint?.Address;
  if (host === undefined) throw new Error('it has no address');
  const { table, id } = stage.customers.row;
  const [column] = await ask(
    stage,
    'primary',
    host,
    'SELECT ordinal_position AS position FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND column_name = ?',
    [workload.database.name, table, id],
  );
  const { username, password } = await secret(stage, 'primary', names.masterSecret);
  const door = await stage.target.databaseDoor(regionOf(workload, 'primary'), host);
  return unreplicatedInserts({ host: door.host, port: door.port, user: username, password }, position, {
    schema: workload.database.name,
    table,
    column: Number(column?.position ?? 1),
  });
}

async function secret(
  stage: Stage,
  side: 'primary' | 'recovery',
  name: string,
): Promise<{ username: string; password: string }> {
  const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const { SecretString } = await (await stage.clients(side).secrets()).send(
    new GetSecretValueCommand({ SecretId: name }),
  );
  return JSON.parse(SecretString ?? '{}') as { username: string; password: string };
}
