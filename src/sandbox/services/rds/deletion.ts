/** Deleting an instance, with a last snapshot unless told otherwise. Its replicas become databases of their own. */

import type { DeleteDBInstanceCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import { retainBackups } from './automated-backups.ts';
import { dropBackupsOf } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { unlinkDelay } from './durations.ts';
import { invalidCombination, invalidState } from './errors.ts';
import { tell } from './events.ts';
import { refuseOthers } from './input.ts';
import { nameFrom } from './instance-shape.ts';
import { lost, recoverable } from './keys.ts';
import { change, instanceAt, needInstance, needStatus } from './lookups.ts';
import { promotionChange } from './promotion.ts';
import { unlinkFromSource } from './replicas.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { enterSnapshot, finalSnapshot } from './snapshots.ts';
import { carryOut } from './workflow.ts';

const members = ['DBInstanceIdentifier', 'DeleteAutomatedBackups', 'FinalDBSnapshotIdentifier', 'SkipFinalSnapshot'];
const deletable = ['available', 'stopped', 'failed', 'storage-full', 'incompatible-parameters', recoverable, lost];

export function deleteInstance(rds: Rds, call: Call, input: DeleteDBInstanceCommandInput): InstanceRow {
  refuseOthers('DeleteDBInstance', input, members);
  const { core } = rds;
  const row = needInstance(core, call.region, input.DBInstanceIdentifier);
  if (row.deletionProtection) {
    throw invalidCombination(
      `Cannot delete protected DB Instance ${row.id}, please disable deletion protection and try again.`,
    );
  }
  const { SkipFinalSnapshot: skip = false, FinalDBSnapshotIdentifier: final } = input;
  if (skip && final !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting with SkipFinalSnapshot.');
  }
  if (!skip && final === undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.');
  }
  if (final !== undefined && row.source !== undefined) {
    throw invalidCombination('FinalDBSnapshotIdentifier can not be specified when deleting a replica instance.');
  }
  needStatus(row, 'deleted', ...deletable);
  if (final !== undefined && (row.status === recoverable || row.status === lost)) {
    throw invalidState(`A final snapshot of ${row.id} can't be taken: it is ${row.status}.`);
  }
  const snapshot = final === undefined ? undefined : enterSnapshot(rds, row, final, {});
  rdsTables(core, row.region).instances.update(row.resourceId, (now) => ({
    ...now,
    status: 'deleting',
    busy: deletion,
  }));
  const args: DeletionArgs = { snapshot, keepsBackups: input.DeleteAutomatedBackups === false };
  rdsTables(core, row.region).changes.put(row.resourceId, { name: deletion, row, args, step: 0 });
  goOnDeleting(rds, row, args);
  return { ...row, status: 'deleting' };
}

/** What a deletion is called among the changes under way; it has no steps: it is begun anew. */
export const deletion = 'deletion' as const;

export interface DeletionArgs {
  /** The last one's id, entered already. */
  readonly snapshot: string | undefined;
  readonly keepsBackups: boolean;
}

/** Deletes an instance that is `deleting`. */
export function goOnDeleting(rds: Rds, row: InstanceRow, { snapshot, keepsBackups }: DeletionArgs): void {
  const isTaken =
    snapshot === undefined || rdsTables(rds.core, row.region).snapshots.get(snapshot)?.status !== 'creating';
  remove(rds, row, isTaken ? undefined : finalSnapshot(rds, row, snapshot), keepsBackups).catch((error: unknown) => {
    rds.core.log({ service: 'rds', region: row.region, text: `deleting ${row.id} failed`, error });
  });
}

async function remove(
  rds: Rds,
  row: InstanceRow,
  lastCopy: (() => Promise<void>) | undefined,
  keepsBackups: boolean,
): Promise<void> {
  const { core, fleet } = rds;
  const lasting = core.timing.milliseconds(
    lastCopy === undefined ? 'rds_delete_instance_skip_final' : 'rds_delete_instance_with_final_snapshot',
  );
  await fleet.closeDoor(row);
  await carryOut(core, [row.region], lasting, async () => {
    await lastCopy?.();
    await fleet.stop(row);
  });
  for (const replica of instanceAt(core, row)?.replicas ?? []) {
    change(core, replica, (now) => ({ ...now, ...named(nameFrom(core, now, row)) }));
    orphan(rds, replica.region, replica.resourceId);
  }
  const last = instanceAt(core, row) ?? row;
  unlinkFromSource(rds, last);
  await fleet.destroy(last);
  if (keepsBackups) retainBackups(core, last);
  else dropBackupsOf(rds, last);
  tell(core, last, 'deleted');
  rdsTables(core, row.region).instances.delete(row.resourceId);
  rdsTables(core, row.region).changes.delete(row.resourceId);
}

const named = (sourceWas: string | undefined): Pick<InstanceRow, 'sourceWas'> =>
  sourceWas === undefined ? {} : { sourceWas };

/** A replica without a source is promoted by RDS itself, once it is free for it. */
export function orphan(rds: Rds, region: string, resourceId: string): void {
  rds.core.region(region).clock.after(unlinkDelay, () => {
    const replica = instanceAt(rds.core, { region, resourceId });
    if (replica?.source === undefined) return;
    if (replica.busy !== undefined) orphan(rds, region, resourceId);
    else {
      const { backupWindow, backupRetention } = replica;
      promotionChange.begin(rds, replica, { backupRetention: backupRetention || 1, backupWindow });
    }
  });
}
