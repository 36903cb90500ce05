/**
 * The SQL function's work: answers one request on one server. Statements are those a customer of RDS may run: accounts can be locked
 * and sessions ended through `mysql.rds_kill`, but `read_only` can't be set by SQL (AWS: RDS for MySQL master user privileges).
 */

import { notYet, terminalError } from '../../kernel/errors.ts';
import { detach } from './detach.ts';
import type { Query } from './dialect.ts';
import { dialectOf } from './dialect.ts';
import { beginLease, endLease, guardedClock, renewLease } from './lease.ts';
import { look, versionOf } from './look.ts';
import type { LeaseTerm, SqlAnswers, SqlRequest } from './requests.ts';

export interface Application {
  /** The application's account and its schema. */
  readonly user: string;
  readonly password: string;
  readonly schema: string;
}

export async function answer(
  query: Query,
  application: Application,
  request: SqlRequest,
): Promise<SqlAnswers[keyof SqlAnswers]> {
  switch (request.ask) {
    case 'look':
      return look(query);
    case 'contains': {
      const dialect = dialectOf(await versionOf(query));
      return { contains: await dialect.contains(query, request.set), executed: await dialect.executed(query) };
    }
    case 'detach':
      return detach(query, request);
    case 'prove':
      return prove(query, request);
    case 'open':
      return open(query, application, request.epoch, request.lease);
    case 'lock':
      return lock(query, application);
    case 'install':
      return install(query, application, request.epoch, request.leased === true);
    case 'clock':
      return guardedClock(query, identifier(application.user));
    case 'renew':
      return renewLease(query, identifier(application.user), request.epoch, request.lease);
  }
}

async function prove(
  query: Query,
  { run, epoch, at }: { run: string; epoch: number; at: number },
): Promise<SqlAnswers['prove']> {
  await query('REPLACE INTO pilot_light.proof (run, epoch, at) VALUES (?, ?, ?)', [run, epoch, at]);
  const [row] = await query('SELECT at FROM pilot_light.proof WHERE run = ? AND epoch = ?', [run, epoch]);
  return { wrote: Number(row?.at) === at };
}

/** A replicated event arrives disabled and stays so after a promotion: it is made anew, with the epoch it beats in. */
async function open(
  query: Query,
  application: Application,
  epoch: number,
  lease: LeaseTerm | undefined,
): Promise<SqlAnswers['open']> {
  await countBeats(query);
  if (lease !== undefined) await beginLease(query, identifier(application.user), epoch, lease);
  await query('DROP EVENT IF EXISTS pilot_light.beat');
  await query(beatEvent(epoch));
  await query(`ALTER USER ${account(application)} ACCOUNT UNLOCK`);
  // 168 hours is RDS's maximum; without it binary logs vanish before anybody could account for lost writes.
  await query("CALL mysql.rds_set_configuration('binlog retention hours', 168)");
  return { opened: true };
}

async function lock(query: Query, application: Application): Promise<SqlAnswers['lock']> {
  try {
    await endLease(query);
    await query(`ALTER USER ${account(application)} ACCOUNT LOCK`);
  } catch (error) {
    // Read-only already, it lets nobody change an account: nor does it let this one write.
    if (!refusedAsReadOnly(error)) throw error;
  }
  const sessions = await query('SELECT id FROM information_schema.processlist WHERE user = ?', [application.user]);
  for (const { id } of sessions) {
    try {
      await query('CALL mysql.rds_kill(?)', [id]);
    } catch (error) {
      // The session may have ended by itself in between; any left standing shows in the next look.
      if (!/unknown thread/i.test(String(error))) throw error;
    }
  }
  const left = await query('SELECT id FROM information_schema.processlist WHERE user = ?', [application.user]);
  if (left.length > 0) throw notYet(`${left.length} sessions of the application's account survived being ended.`);
  return { locked: true, ended: sessions.length };
}

/** ER_OPTION_PREVENTS_STATEMENT, under --read-only: what a master user of RDS, who has no privilege to pass it by, is answered. */
const refusedAsReadOnly = (error: unknown): boolean =>
  (error as { errno?: number }).errno === 1290 && /read-only/.test(String(error));

async function install(
  query: Query,
  application: Application,
  epoch: number,
  leased: boolean,
): Promise<SqlAnswers['install']> {
  await query('CREATE DATABASE IF NOT EXISTS pilot_light');
  await query(
    'CREATE TABLE IF NOT EXISTS pilot_light.heartbeat (id INT PRIMARY KEY, beat TIMESTAMP(6) NOT NULL, epoch BIGINT NOT NULL, server BIGINT NOT NULL, beats BIGINT NOT NULL DEFAULT 0)',
  );
  await query(
    'CREATE TABLE IF NOT EXISTS pilot_light.proof (run VARCHAR(80) NOT NULL, epoch BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (run, epoch))',
  );
  await query(`CREATE DATABASE IF NOT EXISTS \`${identifier(application.schema)}\``);
  await query(`CREATE USER IF NOT EXISTS ${account(application)} IDENTIFIED BY '${literal(application.password)}'`);
  await query(
    `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, INDEX, DROP, REFERENCES ON \`${identifier(application.schema)}\`.* TO ${account(application)}`,
  );
  if (leased) await beginLease(query, identifier(application.user), epoch, undefined);
  await open(query, application, epoch, undefined);
  return { installed: true };
}

/** A beat tells its number, so that a rate of transactions can be told without them. */
const beatEvent = (epoch: number): string => {
  const now = Math.trunc(epoch);
  return (
    'CREATE EVENT pilot_light.beat ON SCHEDULE EVERY 1 SECOND DO ' +
    `INSERT INTO pilot_light.heartbeat (id, beat, epoch, server, beats) VALUES (1, NOW(6), ${now}, @@server_id, 1) ` +
    `ON DUPLICATE KEY UPDATE beat = NOW(6), epoch = ${now}, server = @@server_id, beats = beats + 1`
  );
};

/** A table of a version that didn't count them. */
async function countBeats(query: Query): Promise<void> {
  const found = await query(
    "SELECT 1 FROM information_schema.columns WHERE table_schema = 'pilot_light' AND table_name = 'heartbeat' AND column_name = 'beats'",
  );
  if (found.length === 0) await query('ALTER TABLE pilot_light.heartbeat ADD COLUMN beats BIGINT NOT NULL DEFAULT 0');
}

const account = ({ user }: Application): string => `'${identifier(user)}'@'%'`;

/** Names come from our own config schema; anything else must not reach a statement. */
function identifier(name: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    throw terminalError('A database name holds characters it must not.', { given: name });
  return name;
}

function literal(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw terminalError('A generated password holds characters it must not.');
  return value.replaceAll('\\', '\\\\').replaceAll("'", "''");
}
