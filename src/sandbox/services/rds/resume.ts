/** RDS in a sandbox that goes on: the ways to its instances are there again, their servers start, and what was under way goes on. */

import type { Rds } from './context.ts';
import { type DeletionArgs, deletion, goOnDeleting, orphan } from './deletion.ts';
import { creationChange } from './instances.ts';
import { keyLossChange } from './keys.ts';
import { instanceAt, isSame } from './lookups.ts';
import { maintenanceChange, modificationChange } from './modify.ts';
import { rebootChange, startChange, stopChange } from './power.ts';
import { promotionChange } from './promotion.ts';
import { replicaChange, seedingChange, unlinkFromSource } from './replicas.ts';
import { restoreChange } from './restore.ts';
import { backupChange } from './rounds.ts';
import { type ChangeName, type ChangeRow, type InstanceRow, rdsTables } from './rows.ts';
import { copyAgain, snapshotChange } from './snapshots.ts';
import type { ChangeKind } from './workflow.ts';

export async function resumeRds(rds: Rds): Promise<void> {
  const { core, fleet } = rds;
  const rows = core.regions.flatMap((region) => rdsTables(core, region).instances.values());
  for (const row of rows) await fleet.connectAgain(row);
  await Promise.all(core.regions.filter((name) => !core.region(name).dark).map((region) => fleet.recover(region)));
  for (const row of rows) settleLinks(rds, row);
  for (const region of core.regions) {
    for (const kept of rdsTables(core, region).changes.values()) goOn(rds, kept);
    copyAgain(rds, region);
  }
}

/** The ways to its instances and their servers, as they were left. */
export async function lookAtRds({ core, fleet }: Rds): Promise<void> {
  for (const region of core.regions) {
    for (const row of rdsTables(core, region).instances.values()) await fleet.connectAgain(row);
    if (!core.region(region).dark) await fleet.exhibit(region);
  }
}

/** Every kind of change: one that is missing here doesn't compile. */
const kinds: Readonly<Record<ChangeName, Pick<ChangeKind<never>, 'again'>>> = {
  'automated backup': backupChange,
  creation: creationChange,
  'loss of its key': keyLossChange,
  maintenance: maintenanceChange,
  modification: modificationChange,
  promotion: promotionChange,
  reboot: rebootChange,
  'replica creation': replicaChange,
  restore: restoreChange,
  snapshot: snapshotChange,
  'snapshot for a replica': seedingChange,
  start: startChange,
  stop: stopChange,
};

function goOn(rds: Rds, kept: ChangeRow): void {
  if (kept.name === deletion) goOnDeleting(rds, kept.row, kept.args as DeletionArgs);
  else kinds[kept.name].again(rds, kept);
}

/** News of a link's end, or of a source's, that was on its way between Regions. */
function settleLinks(rds: Rds, row: InstanceRow): void {
  for (const ref of row.replicas) {
    const replica = instanceAt(rds.core, ref);
    const isLinked = replica?.source !== undefined && isSame(replica.source, row);
    if (!isLinked) unlinkFromSource(rds, { ...ref, source: { region: row.region, resourceId: row.resourceId } });
  }
  const { source } = row;
  if (source !== undefined && instanceAt(rds.core, source) === undefined) orphan(rds, row.region, row.resourceId);
}
