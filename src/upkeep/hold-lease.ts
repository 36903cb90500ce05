/**
 * The guard of a side: keeps its writers writing, for as long as the state says that it is the active one. It asks its own Region alone, and
 * does nothing to stop anybody: writers stop because they hear nothing of it.
 */

import type { Sql } from '../engines/database/sql.ts';
import type { Clock } from '../kernel/clock.ts';
import { sleep } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import type { ItemStore } from '../state/items.ts';
import { readLease, renewLease } from '../state/leases.ts';
import type { Side } from '../workload/judged.ts';

export interface Guard {
  readonly side: Side;
  readonly seconds: number;
  /** Between renewals. */
  readonly everySeconds: number;
  /** Through the side's own Region. */
  readonly store: ItemStore;
  readonly sql: Sql;
  readonly clock: Clock;
  readonly say: (line: Record<string, unknown>) => void;
}

/** What the database answered last, and the epoch it was asked in. */
type Answered = Awaited<ReturnType<typeof clockOf>> & { readonly epoch: number };

/** Renews until `until` (epoch milliseconds); returns at once on the side that isn't active. */
export async function holdLease(guard: Guard, until: number): Promise<void> {
  const { clock, everySeconds, say, side, store } = guard;
  let known: Answered | undefined;
  for (;;) {
    try {
      const { active, epoch } = await readAuthority(store);
      if (active !== side) return;
      const before = known?.epoch === epoch ? known : await begin(guard, epoch);
      known = before === undefined ? undefined : await renew(guard, before);
    } catch (error) {
      // What isn't renewed runs out by itself; the next round tries anew.
      known = undefined;
      say({ lease: 'not renewed', why: messageOf(error) });
    }
    if (clock.now() + 1000 * everySeconds >= until) return;
    await sleep(clock, 1000 * everySeconds);
  }
}

/**
 * First what the server's clock says, then the renewal for all to see, then the server's own: so a lease never lasts longer in the database
 * than for whoever waits for its end. The server's last answer is a time before this round's renewal, and saves asking it twice.
 */
async function renew(
  { say, seconds, side, sql, store }: Guard,
  { epoch, server, started, now, guarded }: Answered,
): Promise<Answered | undefined> {
  if (!(await renewLease(store, side, { epoch, seconds, guarded }))) {
    say({ lease: 'closed', epoch });
    return undefined;
  }
  const lease = { server, started, ends: now + 1000 * seconds };
  const answered = await sql.ask({ ask: 'renew', epoch, lease });
  if (!answered.renewed) say({ lease: 'refused by the database', epoch, why: answered.refused });
  else if (!answered.clock.guarded)
    say({ lease: "renewed, and the database doesn't hold its application to it", epoch });
  return { ...answered.clock, epoch };
}

/**
 * A workload is installed in its first epoch; in each later one the run that opens the database takes the first lease. Before that there is
 * nothing to renew, and a database that is being promoted isn't asked.
 */
async function begin({ side, sql, store }: Guard, epoch: number): Promise<Answered | undefined> {
  if (epoch > 1 && (await readLease(store, side))?.epoch !== epoch) return undefined;
  return { ...(await clockOf(sql)), epoch };
}

const clockOf = (sql: Sql) => sql.ask({ ask: 'clock' });
