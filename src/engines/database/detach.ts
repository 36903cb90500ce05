/**
 * Ends a replica's replication for as long as RDS lets its customer: by its procedure, which a restart of the server may undo. What RDS made
 * a replica stays one until it is promoted: it refuses to let its link be reset. Sources: RDS User Guide, "Starting and stopping
 * replication with MySQL read replicas" (and with MariaDB's), "mysql.rds_reset_external_source".
 */

import type { Query } from './dialect.ts';
import { dialectOf } from './dialect.ts';
import { look, versionOf } from './look.ts';
import type { DatabaseLook, SqlAnswers, SqlRequest } from './requests.ts';

type Wanted = Extract<SqlRequest, { ask: 'detach' }>;

export async function detach(query: Query, wanted: Wanted): Promise<SqlAnswers['detach']> {
  const before = await look(query);
  if (before.replica === undefined) return { detached: true, look: before };
  if (!before.replica.stopped) {
    if (!(await holdsEnough(query, before, wanted))) return { detached: false, look: before };
    await query('CALL mysql.rds_stop_replication()');
  }
  const after = await look(query);
  if (await holdsEnough(query, after, wanted)) return { detached: after.replica?.stopped !== false, look: after };
  // Something came in between: it belongs to what is recovered.
  await query('CALL mysql.rds_start_replication()');
  return { detached: false, look: after };
}

async function holdsEnough(query: Query, seen: DatabaseLook, { enough, regardless }: Wanted): Promise<boolean> {
  if (regardless === true || seen.replica?.drained !== false) return true;
  return enough !== undefined && (await dialectOf(await versionOf(query)).contains(query, enough));
}
