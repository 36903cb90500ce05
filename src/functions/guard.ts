/** The guard's minute, in its own Region and on its own Region's copy of the state: cut off from the others it can't renew. */

import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { baseContext } from '../engines/base.ts';
import { leaseSecondsOf } from '../plan/lease.ts';
import { itemStore } from '../state/items.ts';
import { holdLease } from '../upkeep/hold-lease.ts';
import { renewEverySeconds } from './contract.ts';
import { ownSide, surroundings } from './surroundings.ts';

/** The next round tries anew: tries within one would only pile up before a database that is slow to answer. */
const guarding = (): Base =>
  baseContext({ ...surroundings(), clientsFor: (region) => clientsFor(region, { attempts: 1 }) });

let base: Base | undefined;

export async function guard(): Promise<void> {
  base ??= guarding();
  const { clock, names, on, workload } = base;
  const seconds = leaseSecondsOf(workload);
  if (seconds === undefined) return;
  const side = ownSide(workload);
  const { clients, sql } = on(side);
  const store = itemStore(clients, names.table, names.prefix, clock);
  const say = (line: Record<string, unknown>) => console.log(JSON.stringify(line));
  const guarded = { side, seconds, everySeconds: renewEverySeconds, store, sql, clock, say };
  await holdLease(guarded, clock.now() + 57_000);
}
