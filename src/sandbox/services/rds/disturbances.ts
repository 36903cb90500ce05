/**
 * Faults on replicas: each is brought to what stands in its Region now, whenever that or the replica may have changed. Asked twice, it
 * does nothing; what fails (a server that is just going down, a source that can't be reached) is made up for at the next round.
 */

import { messageOf } from '../../../kernel/errors.ts';
import type { Replication } from '../../databases/database.ts';
import type { FaultActors } from '../../faults/board.ts';
import type { Rds } from './context.ts';
import { change, instanceAt } from './lookups.ts';
import { type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';

export function replicaFaults(rds: Rds): FaultActors {
  const settle = ({ region }: { readonly region: string }): Promise<void> => disturbAll(rds, region);
  return { 'replication-lag': { raise: settle, lift: settle }, 'broken-replica': { raise: settle, lift: settle } };
}

/** Real work that AWS time waits for: a fault stands when whoever raised it is answered. */
export async function disturbAll(rds: Rds, region: string): Promise<void> {
  const rows = rdsTables(rds.core, region).instances.values();
  await rds.core.clock.hold(() => Promise.all(rows.map((row) => disturb(rds, row))));
}

export async function disturb(rds: Rds, ref: InstanceRef, seen?: Replication): Promise<void> {
  const { core, fleet } = rds;
  const row = instanceAt(core, ref);
  if (row === undefined || !row.follows || !fleet.database(row).running) return;
  try {
    const now = seen ?? (await fleet.database(row).replication());
    if (now === undefined) return;
    const late = Math.max(now.asked ?? 0, wantedDelay(rds, row.region));
    if (now.delay !== late) await fleet.database(row).delay(late);
    if (core.faults.standing('broken-replica').some(({ region }) => region === row.region)) await obstruct(rds, row);
    else await clear(rds, row);
  } catch (error) {
    core.log({ service: 'rds', region: row.region, text: `a fault waits for ${row.id}: ${messageOf(error)}` });
  }
}

const wantedDelay = ({ core }: Rds, region: string): number =>
  core.faults
    .standing('replication-lag')
    .reduce((most, fault) => (fault.region === region ? Math.max(most, fault.seconds) : most), 0);

/** The row first, then the transaction that meets it. A source that is down trips when it is back. */
async function obstruct({ core, fleet }: Rds, row: InstanceRow): Promise<void> {
  const obstacle = row.obstacle ?? { name: `obstacle-${core.ids.hex(8)}`, met: false };
  const source = row.source === undefined ? undefined : instanceAt(core, row.source);
  if (obstacle.met) return;
  const ready = source !== undefined && fleet.database(source).running;
  change(core, row, (now) => ({ ...now, obstacle: { ...obstacle, met: ready } }));
  try {
    await fleet.database(row).obstruct(obstacle.name);
    if (ready) await fleet.database(source).trip(obstacle.name);
  } catch (error) {
    change(core, row, (now) => ({ ...now, obstacle }));
    throw error;
  }
}

async function clear({ core, fleet }: Rds, { obstacle, ...row }: InstanceRow): Promise<void> {
  if (obstacle === undefined) return;
  await fleet.database(row).clear(obstacle.name);
  change(core, row, ({ obstacle: _cleared, ...now }) => now);
}
