/** Rebooting, stopping and starting. */

import type {
  RebootDBInstanceCommandInput,
  StartDBInstanceCommandInput,
  StopDBInstanceCommandInput,
} from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import type { Rds } from './context.ts';
import { invalidCombination, invalidState } from './errors.ts';
import { refuseOthers } from './input.ts';
import { needInstance, needStatus } from './lookups.ts';
import type { InstanceRef, InstanceRow } from './rows.ts';
import { snapshotOnStop } from './snapshots.ts';
import { begin, type Step } from './workflow.ts';

/** Customers are out for the whole of it; the server comes back under its parameter group as it is now. */
export function rebootSteps({ fleet }: Rds, ref: InstanceRef, lasting: number): Step[] {
  return [
    {
      status: 'rebooting',
      lasting,
      work: async () => {
        await fleet.closeDoor(ref);
        await fleet.stop(ref);
        await fleet.start(ref);
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
  begin(rds, row, 'reboot', rebootSteps(rds, row, rds.core.timing.milliseconds('rds_reboot')));
  return { ...row, status: 'rebooting' };
}

export function stopInstance(rds: Rds, call: Call, input: StopDBInstanceCommandInput): InstanceRow {
  refuseOthers('StopDBInstance', input, ['DBInstanceIdentifier', 'DBSnapshotIdentifier']);
  const { core, fleet } = rds;
  const row = needInstance(core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'stopped', 'available');
  if (row.source !== undefined) throw invalidState(`Cannot stop DB instance ${row.id} because it is a read replica.`);
  if (row.replicas.length > 0) throw invalidState(`Cannot stop DB instance ${row.id} because it has read replicas.`);
  const before = input.DBSnapshotIdentifier === undefined ? [] : snapshotOnStop(rds, row, input.DBSnapshotIdentifier);
  const halt: Step = {
    status: 'stopping',
    lasting: core.timing.milliseconds('rds_reboot'),
    work: async () => {
      await fleet.closeDoor(row);
      await fleet.stop(row);
    },
  };
  const note: Step = { lasting: 0, after: (now) => ({ ...now, stoppedAt: core.clock.now() }) };
  begin(rds, row, 'stop', [...before, halt, note], { end: 'stopped' });
  return { ...row, status: 'stopping' };
}

export function startInstance(rds: Rds, call: Call, input: StartDBInstanceCommandInput): InstanceRow {
  refuseOthers('StartDBInstance', input, ['DBInstanceIdentifier']);
  const row = needInstance(rds.core, call.region, input.DBInstanceIdentifier);
  needStatus(row, 'started', 'stopped');
  startStopped(rds, row);
  return { ...row, status: 'starting' };
}

export function startStopped(rds: Rds, row: InstanceRow): void {
  const { core, fleet } = rds;
  begin(rds, row, 'start', [
    {
      status: 'starting',
      lasting: core.timing.milliseconds('rds_create_instance_single_az'),
      work: async () => void (await fleet.start(row)),
    },
    { lasting: 0, work: () => fleet.openDoor(row) },
  ]);
}
