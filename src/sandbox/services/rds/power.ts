/** Rebooting, stopping and starting. */

import type {
  RebootDBInstanceCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import type { Rds } from './context.ts';
import { invalidCombination, invalidState } from './errors.ts';
import { tell } from './events.ts';
import { failoverSteps } from './failover.ts';
import { refuseOthers } from './input.ts';
import { otherZoneOf } from './instance-shape.ts';
import { needUsableKey, recoverable } from './keys.ts';
import { needInstance, needStatus } from './lookups.ts';
import type { InstanceRef, InstanceRow } from './rows.ts';
import { enterSnapshot, snapshotStep } from './snapshots.ts';
import { changeKind, type Step } from './workflow.ts';

/** Customers are out for the whole of it; the server comes back under its parameter group as it is now. */
export function rebootSteps({ core, fleet }: Rds, ref: InstanceRef, lasting: number): Step[] {
  return [
    {
      status: 'rebooting',
      lasting,
      work: async () => {
        await fleet.closeDoor(ref);
        await fleet.stop(ref);
        await fleet.start(ref);
      },
      after: (now) => {
        tell(core, now, 'shutDown');
        tell(core, now, 'restarted');
        return now;
      },
    },
    { lasting: 0, work: () => fleet.openDoor(ref) },
  ];
}

export function rebootInstance(rds: Rds, call: Call, input: RebootDBInstanceCommandInput): InstanceRow {
  refuseOthers('RebootDBInstance', input, ['DBInstanceIdentifier', 'ForceFailover']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'rebooted', 'available');
  if (input.ForceFailover === true && !row.multiAz) {
    throw invalidCombination('You can only specify a reboot with failover for a Multi-AZ DB Instance.');
  }
  rebootChange.begin(rds, row, input.ForceFailover === true ? { zone: otherZoneOf(rds.core, row) } : {});
  return { ...row, status: 'rebooting' };
}

export const rebootChange = changeKind('reboot', (rds, row, { zone }: { readonly zone?: string }) => ({
  steps:
    zone !== undefined
      ? failoverSteps(rds, row, zone)
      : rebootSteps(rds, row, rds.core.timing.milliseconds('rds_reboot')),
}));

export function stopInstance(rds: Rds, call: Call, input: StopDBInstanceCommandInput): InstanceRow {
  refuseOthers('StopDBInstance', input, ['DBInstanceIdentifier', 'DBSnapshotIdentifier']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'stopped', 'available');
  if (row.source !== undefined) throw invalidState(`Cannot stop DB instance ${row.id} because it is a read replica.`);
  if (row.replicas.length > 0) throw invalidState(`Cannot stop DB instance ${row.id} because it has read replicas.`);
  const wanted = input.DBSnapshotIdentifier;
  const snapshot = wanted === undefined ? undefined : enterSnapshot(rds, row, wanted, {});
  stopChange.begin(rds, row, { snapshot });
  return { ...row, status: 'stopping' };
}

export const stopChange = changeKind('stop', (rds, row, { snapshot }: { readonly snapshot?: string | undefined }) => {
  const halt: Step = {
    status: 'stopping',
    lasting: rds.core.timing.milliseconds('rds_reboot'),
    work: async () => {
      await rds.fleet.closeDoor(row);
      await rds.fleet.stop(row);
    },
  };
  const before = snapshot === undefined ? [] : [{ status: 'stopping', ...snapshotStep(rds, row, snapshot) }];
  const noted: Step = {
    lasting: 0,
    after: (now) => {
      tell(rds.core, now, 'stopped');
      return { ...now, stoppedAt: rds.core.clock.now() };
    },
  };
  return { steps: [...before, halt, noted], end: 'stopped' };
});

export async function startInstance(rds: Rds, call: Call, input: StartDBInstanceCommandInput): Promise<InstanceRow> {
  refuseOthers('StartDBInstance', input, ['DBInstanceIdentifier']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'started', 'stopped', recoverable);
  if (row.status === recoverable) await needUsableKey(rds.core, row);
  needStatus(needInstance(rds.core, call.region, row.id), 'started', 'stopped', recoverable);
  startStopped(rds, row);
  return { ...row, status: 'starting' };
}

export const startStopped = (rds: Rds, row: InstanceRow): void => startChange.begin(rds, row, {});

/** What an outage of its key left behind is over once it runs again. */
export const startChange = changeKind('start', ({ core, fleet }, row) => ({
  steps: [
    {
      status: 'starting',
      lasting: core.timing.milliseconds('rds_create_instance_single_az'),
      work: async () => void (await fleet.start(row)),
    },
    {
      lasting: 0,
      work: () => fleet.openDoor(row),
      after: ({ keyGoneAt: _found, stoppedAt: _over, ...now }) => {
        tell(core, now, 'started');
        return now;
      },
    },
  ],
}));
