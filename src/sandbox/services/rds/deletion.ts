/** Deleting an instance, with a last snapshot unless told otherwise. Its replicas become databases of their own. */

import type { DeleteDBInstanceCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import { retainBackups } from './automated-backups.ts';
import type { Rds } from './context.ts';
import { unlinkDelay } from './durations.ts';
import { invalidCombination } from './errors.ts';
import { refuseOthers } from './input.ts';
import { nameFrom } from './instance-shape.ts';
import { change, instanceAt, needInstance, needStatus } from './lookups.ts';
import { promotionSteps } from './promotion.ts';
import { unlinkFromSource } from './replicas.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { finalSnapshot } from './snapshots.ts';
import { begin, carryOut } from './workflow.ts';

const members = ['DBInstanceIdentifier', 'DeleteAutomatedBackups', 'FinalDBSnapshotIdentifier', 'SkipFinalSnapshot'];
const deletable = ['available', 'stopped', 'failed', 'storage-full', 'incompatible-parameters'];

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
  const lastCopy = final === undefined ? undefined : finalSnapshot(rds, row, final);
  rdsTables(core, row.region).instances.update(row.resourceId, (now) => ({
    ...now,
    status: 'deleting',
    busy: 'deletion',
  }));
  const keepsBackups = input.DeleteAutomatedBackups === false;
  void remove(rds, row, lastCopy, keepsBackups).catch((error: unknown) => {
    core.log({ service: 'rds', region: row.region, text: `deleting ${row.id} failed`, error });
  });
  return { ...row, status: 'deleting' };
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
  rdsTables(core, row.region).instances.delete(row.resourceId);
}

const named = (sourceWas: string | undefined): Pick<InstanceRow, 'sourceWas'> =>
  sourceWas === undefined ? {} : { sourceWas };

/** A replica without a source is promoted by RDS itself, once it is free for it. */
function orphan(rds: Rds, region: string, resourceId: string): void {
  rds.core.region(region).clock.after(unlinkDelay, () => {
    const replica = instanceAt(rds.core, { region, resourceId });
    if (replica?.source === undefined) return;
    if (replica.busy !== undefined) orphan(rds, region, resourceId);
    else
      begin(
        rds,
        replica,
        'promotion',
        promotionSteps(rds, replica, replica.backupRetention || 1, replica.backupWindow),
      );
  });
}
