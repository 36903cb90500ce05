/** Renaming an instance: its ARN and its DNS name change, the old name stops answering, and it reboots. The data stay as they are. */

import type { Rds } from './context.ts';
import { rebootSteps } from './power.ts';
import type { InstanceRow } from './rows.ts';
import type { Step } from './workflow.ts';

export function renameSteps(rds: Rds, row: InstanceRow, id: string): Step[] {
  const { core, fleet } = rds;
  const whole = core.timing.milliseconds('rds_rename_instance');
  return [
    {
      status: 'renaming',
      lasting: whole / 2,
      work: () => fleet.closeDoor(row),
      after: (now) => {
        fleet.withdrawName(now);
        const { DBInstanceIdentifier: _, ...pending } = now.pending;
        return { ...now, id, pending };
      },
    },
    // Opening the door at the end of the reboot publishes the new name.
    ...rebootSteps(rds, row, whole / 2),
  ];
}
