/**
 * The audit: each acknowledged write is in the active database and bucket, or it is named as lost with the time it was acknowledged and
 * the reason, read from the replica's transaction set at promotion and the kept old primary's own log.
 */

import { createConnection } from 'mysql2/promise';
import { rdsOf } from '../engines/database/rds.ts';
import { isoTime } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { regionOf } from '../workload/config.ts';
import { bucketKeys } from './buckets.ts';
import type { Unreplicated } from './lost-rows.ts';
import { unreplicatedInserts } from './lost-rows.ts';
import type { Attempt } from './record.ts';
import type { LostWrite } from './result.ts';
import { authorityOf, latestRun } from './runs.ts';
import type { Stage } from './stage.ts';

export interface Audit {
  readonly acknowledged: readonly Attempt[];
  readonly present: number;
  readonly lost: readonly LostWrite[];
  /** Photos in the bucket that no row promises: uploads that failed half-way, and rows that were lost. */
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
  const [rows, keys] = await Promise.all([photoRows(stage, active), bucketKeys(stage, active)]);
  await stage.attempts.refresh();
  const acknowledged = stage.attempts.acknowledged;
  const missing = acknowledged.flatMap((attempt) => {
    const row = rows.has(attempt.id);
    const object = keys.has(keyOf(attempt.id));
    return row && object ? [] : [{ attempt, row, object }];
  });
  const position = ((await latestRun(stage, 'failover'))?.facts.position as Position | undefined)?.executed;
  const explained = missing.some(({ row }) => !row) ? await explanations(stage, position) : new Map<string, string>();
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
    objectsWithoutRows: [...keys].filter((key) => key.startsWith('photos/') && !rows.has(idOf(key))).length,
    altered: acknowledged.filter(({ id, sha256 }) => rows.has(id) && rows.get(id) !== sha256).map(({ id }) => id),
  };
}

const keyOf = (id: string): string => `photos/${id}.bmp`;
const idOf = (key: string): string => key.replace(/^photos\//, '').replace(/\.bmp$/, '');

/** Every row's id and content hash, read from the side's database itself. */
async function photoRows(stage: Stage, side: 'primary' | 'recovery'): Promise<Map<string, string>> {
  const { workload, names } = stage;
  const rds = rdsOf(stage.clients(side));
  const host = (await rds.describe(names.database))?.Endpoint?.Address;
  if (host === undefined) throw new Error(`The ${side} database has no address.`);
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
    const [rows] = await connection.query('SELECT id, sha256 FROM photos');
    return new Map((rows as { id: string; sha256: string }[]).map(({ id, sha256 }) => [id, sha256]));
  } finally {
    connection.destroy();
  }
}

/** For each row that never reached the replica: the transaction it was in. */
async function explanations(stage: Stage, position: string | undefined): Promise<Map<string, string>> {
  if (position === undefined) return new Map();
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

async function unreplicated(stage: Stage, position: string): Promise<Unreplicated[]> {
  const { workload, names } = stage;
  const { epoch } = await authorityOf(stage);
  const rds = rdsOf(stage.clients('primary'));
  // Kept under the epoch in which the run went home; before that it stands under its own name.
  const kept = (await rds.describe(names.keptDatabase(epoch))) ?? (await rds.describe(names.database));
  const host = kept?.Endpoint?.Address;
  if (host === undefined) return [];
  const { username, password } = await secret(stage, 'primary', names.masterSecret);
  const door = await stage.target.databaseDoor(regionOf(workload, 'primary'), host);
  try {
    return await unreplicatedInserts(
      { host: door.host, port: door.port, user: username, password },
      position,
      `${workload.database.name}.photos`,
    );
  } catch (error) {
    stage.problem(`the old primary's log couldn't be read: ${messageOf(error)}`);
    return [];
  }
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
