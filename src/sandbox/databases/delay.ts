/**
 * A replica that applies late. MariaDB takes a new delay only from replication that is stopped, and in GTID mode throws away what was
 * received and not applied when it starts again: it fetches that anew. So where the source can't be asked, what was received is applied
 * first, by positions in files, which keeps it.
 *
 * Source: MariaDB documentation, "Delayed Replication", and "CHANGE MASTER TO", option MASTER_DELAY.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { replication } from './replication.ts';
import type { Session } from './session.ts';

/** Real milliseconds to apply what was received. */
const patience = 10_000;

/** Throws when what was received can be neither fetched again nor applied now: a later attempt may find the source back. */
export async function delay(session: Session, seconds: number): Promise<void> {
  const seen = await replication(session);
  if (seen === undefined || seen.delay === seconds) return;
  const stopped = seen.receiving === 'no' && !seen.applying;
  if (!stopped && seen.receiving !== 'yes' && !(await hasAppliedAll(session, seen.received))) {
    if (!seen.applying) throw new Error(`What was received can't be applied: ${seen.error}`);
    // Another delay than the one wanted: an attempt that is cut short here is known by it, and made again.
    await drain(session, seen.received, seconds === 0 ? 1 : 0);
  }
  await session.run('STOP SLAVE');
  await session.run('CHANGE MASTER TO MASTER_USE_GTID = slave_pos, MASTER_DELAY = ?', [seconds]);
  if (!stopped) await session.run('START SLAVE');
}

async function drain(session: Session, received: string, meanwhile: number): Promise<void> {
  await session.run('STOP SLAVE');
  const [row] = await session.run('SHOW SLAVE STATUS');
  await session.run(
    `CHANGE MASTER TO MASTER_USE_GTID = no, MASTER_DELAY = ${meanwhile}, RELAY_LOG_FILE = ?, RELAY_LOG_POS = ?`,
    [row?.Relay_Log_File, row?.Relay_Log_Pos],
  );
  await session.run('START SLAVE SQL_THREAD');
  for (let waited = 0; waited < patience; waited += 10) {
    if (await hasAppliedAll(session, received)) return;
    await pause(10);
  }
  throw new Error(`What was received up to ${received} wasn't applied in time.`);
}

/** By position, or while files are gone by (and no position is known), by the applier's own word. */
async function hasAppliedAll(session: Session, received: string): Promise<boolean> {
  const [row] = await session.run('SHOW SLAVE STATUS');
  const atEnd = String(row?.Slave_SQL_Running_State).startsWith('Slave has read all relay log');
  if (row?.Using_Gtid === 'No' && !atEnd) return false;
  const [now] = await session.run('SELECT @@global.gtid_slave_pos AS position');
  return reaches(String(now?.position ?? ''), received);
}

/** Whether a GTID position covers another: in every domain of the other it is as far. */
function reaches(position: string, other: string): boolean {
  const reached = sequences(position);
  return [...sequences(other)].every(([domain, sequence]) => (reached.get(domain) ?? 0) >= sequence);
}

const sequences = (position: string): ReadonlyMap<string, number> =>
  new Map(
    position
      .split(',')
      .filter((gtid) => gtid !== '')
      .map((gtid) => {
        const [domain = '', , sequence = '0'] = gtid.trim().split('-');
        return [domain, Number(sequence)];
      }),
  );
