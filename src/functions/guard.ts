/** The guard's minute, in its own Region and on its own Region's copy of the state: cut off from the others it can't renew. */

import { leaseSecondsOf } from '../plan/lease.ts';
import { itemStore } from '../state/items.ts';
import { holdLease } from '../upkeep/hold-lease.ts';
import { renewEverySeconds } from './contract.ts';
import { ownSide, surroundings } from './surroundings.ts';

export async function guard(): Promise<void> {
  const { clock, names, on, workload } = surroundings();
  const seconds = leaseSecondsOf(workload);
  if (seconds === undefined) return;
  const side = ownSide(workload);
  const { clients, sql } = on(side);
  const store = itemStore(clients, names.table, names.prefix, clock);
  const say = (line: Record<string, unknown>) => console.log(JSON.stringify(line));
  const everySeconds = renewEverySeconds;
  await holdLease({ side, seconds, everySeconds, store, sql, clock, say }, clock.now() + 57_000);
}
