/**
 * The lease in the database itself. Nobody's clock but the server's own says when it ends, and no word of anybody's is needed for it:
 *
 *  1. The application's account is let in only while this server, since this start of it, holds a lease that hasn't ended. The row says
 *     which server and which start it is of, so that a copy, a replica, and a server that comes up again hold none.
 *  2. Once a second the server ends the application's sessions if it holds none.
 *  3. A lease goes on in its own epoch, and never after a fence; only opening the database begins another.
 *
 * The account isn't locked for it: a fence's lock and a lease that has run out can't be taken for each other.
 */

import { terminalError } from '../../kernel/errors.ts';
import { admission } from '../../plan/lease.ts';
import type { Query } from './dialect.ts';
import { dialectOf } from './dialect.ts';
import type { GuardedClock, LeaseTerm, ServerClock, SqlAnswers } from './requests.ts';

/** Which server this is, which start of it, what time it has, and whether all that holds the application to a lease is in force. */
export async function guardedClock(query: Query, user: string): Promise<GuardedClock> {
  return { guarded: await isGuarded(query, user), ...(await serverClock(query)) };
}

async function serverClock(query: Query): Promise<ServerClock> {
  const { uptime } = dialectOf(await versionOf(query));
  const [row] = await query(`SELECT @@server_id AS server, ${startedOf(uptime)} AS started, ${now} AS now`);
  return { server: Number(row?.server), started: Number(row?.started), now: Math.floor(Number(row?.now)) };
}

/** @throws where the server would let the application in without one. */
export async function beginLease(query: Query, user: string, epoch: number, term: LeaseTerm | undefined) {
  await requireAdmission(query, user);
  await makeObjects(query, user);
  const clock = await serverClock(query);
  const standing = await leaseRow(query);
  if (standing !== undefined && standing.epoch > epoch)
    throw terminalError(`The database has a lease of epoch ${standing.epoch}, later than ${epoch}.`);
  // Without a term it is one that hasn't begun: until its guard has been heard of for the first time, nothing ends.
  const ends = term === undefined ? null : isOf(clock, term) ? term.ends : 0;
  await query('REPLACE INTO pilot_light.lease (id, epoch, server, started, ends, fenced) VALUES (1, ?, ?, ?, ?, 0)', [
    epoch,
    clock.server,
    clock.started,
    ends,
  ]);
  // A replicated event arrives disabled and stays so after a promotion.
  await query('DROP EVENT IF EXISTS pilot_light.guard');
  await query('CREATE EVENT pilot_light.guard ON SCHEDULE EVERY 1 SECOND DO CALL pilot_light.guard()');
}

export async function renewLease(
  query: Query,
  user: string,
  epoch: number,
  term: LeaseTerm,
): Promise<SqlAnswers['renew']> {
  const clock = await serverClock(query);
  const refused = await refusalOf(query, clock, epoch, term);
  if (refused === undefined) {
    await query(
      'UPDATE pilot_light.lease SET server = ?, started = ?, ends = ? WHERE id = 1 AND epoch = ? AND fenced = 0',
      [term.server, term.started, term.ends, epoch],
    );
  }
  return { renewed: refused === undefined, refused, clock: { ...clock, guarded: await isGuarded(query, user) } };
}

/** A fence stands until the database is opened again, whatever its guard says. */
export async function endLease(query: Query): Promise<void> {
  if ((await leaseRow(query)) !== undefined) await query('UPDATE pilot_light.lease SET fenced = 1 WHERE id = 1');
}

async function refusalOf(query: Query, clock: ServerClock, epoch: number, term: LeaseTerm) {
  if (!isOf(clock, term)) return 'the server has started anew since';
  const [state] = await query('SELECT @@global.read_only AS readOnly');
  if (Number(state?.readOnly) === 1) return 'the database is read-only';
  const standing = await leaseRow(query);
  if (standing === undefined) return 'the database was never opened with a lease';
  if (standing.epoch !== epoch) return `its lease is of epoch ${standing.epoch}, and this is epoch ${epoch}`;
  return standing.fenced ? 'it is fenced' : undefined;
}

const isOf = (clock: ServerClock, term: LeaseTerm): boolean =>
  clock.server === term.server && clock.started === term.started;

interface LeaseRow {
  readonly epoch: number;
  readonly fenced: boolean;
  readonly begun: boolean;
}

async function leaseRow(query: Query): Promise<LeaseRow | undefined> {
  const found = await query(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = 'pilot_light' AND table_name = 'lease'",
  );
  if (found.length === 0) return undefined;
  const [row] = await query('SELECT epoch, fenced, ends FROM pilot_light.lease WHERE id = 1');
  if (row === undefined) return undefined;
  return { epoch: Number(row.epoch), fenced: Number(row.fenced) === 1, begun: row.ends !== null };
}

async function makeObjects(query: Query, user: string): Promise<void> {
  const { uptime } = dialectOf(await versionOf(query));
  await query(
    'CREATE TABLE IF NOT EXISTS pilot_light.lease (id INT PRIMARY KEY, epoch BIGINT NOT NULL, server BIGINT NOT NULL, started BIGINT NOT NULL, ends BIGINT NULL, fenced TINYINT NOT NULL)',
  );
  await query('DROP PROCEDURE IF EXISTS pilot_light.admit');
  await query(admitProcedure(uptime));
  await query('DROP PROCEDURE IF EXISTS pilot_light.guard');
  await query(guardProcedure(uptime, user));
  await query(`GRANT EXECUTE ON PROCEDURE pilot_light.admit TO '${user}'@'%'`);
}

/** Whoever can't write here may come in: a replica's readers are nobody's rivals. */
const admitProcedure = (uptime: string): string => `CREATE PROCEDURE pilot_light.admit() SQL SECURITY DEFINER
BEGIN
  IF NOT (${mayStay(uptime)}) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'This database holds no lease: its Region may not write.';
  END IF;
END`;

/** One that has ended by itself in between is no reason to spare the others. */
const guardProcedure = (
  uptime: string,
  user: string,
): string => `CREATE PROCEDURE pilot_light.guard() SQL SECURITY DEFINER
BEGIN
  DECLARE done INT DEFAULT 0;
  DECLARE thread BIGINT;
  DECLARE sessions CURSOR FOR SELECT id FROM information_schema.processlist WHERE user = '${user}';
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1;
  IF NOT (${mayStay(uptime)}) THEN
    OPEN sessions;
    ending: LOOP
      FETCH sessions INTO thread;
      IF done = 1 THEN LEAVE ending; END IF;
      BEGIN
        DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
        CALL mysql.rds_kill(thread);
      END;
    END LOOP;
    CLOSE sessions;
  END IF;
END`;

const mayStay = (uptime: string): string =>
  `@@global.read_only = 1 OR EXISTS (SELECT 1 FROM pilot_light.lease WHERE id = 1 AND fenced = 0 AND server = @@server_id
    AND (ends IS NULL OR (started = ${startedOf(uptime)} AND ends > ${now})))`;

/** Epoch milliseconds; of UTC, for an hour of the local time may come twice. */
const now = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000)";
/** Both are taken when the statement begins, so that their difference is the same each time. Epoch seconds. */
const startedOf = (uptime: string): string => `(UNIX_TIMESTAMP() - ${uptime})`;

async function requireAdmission(query: Query, user: string): Promise<void> {
  if (await isAdmitting(query, user)) return;
  throw terminalError('The database lets the application in without a lease: its parameter group lacks init_connect.', {
    allowed: admission(user),
    next: 'Deploy the database stacks, and reboot the database if its parameter group says that it waits for it.',
  });
}

const isAdmitting = async (query: Query, user: string): Promise<boolean> => {
  const [row] = await query('SELECT @@global.init_connect AS admission');
  return row?.admission === admission(user);
};

/** A lease that hasn't begun holds nobody yet. */
async function isGuarded(query: Query, user: string): Promise<boolean> {
  if ((await leaseRow(query))?.begun !== true) return false;
  const [event] = await query(
    "SELECT status, @@global.event_scheduler AS scheduler FROM information_schema.events WHERE event_schema = 'pilot_light' AND event_name = 'guard'",
  );
  return (await isAdmitting(query, user)) && event?.status === 'ENABLED' && event.scheduler === 'ON';
}

async function versionOf(query: Query): Promise<string> {
  const [row] = await query('SELECT @@version AS version');
  return String(row?.version);
}
