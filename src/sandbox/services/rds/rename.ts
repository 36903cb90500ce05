/**
 * Renaming an instance: its ARN and its DNS name change, and it reboots. The data stay as they are. The old name stops answering at once,
 * the new one begins to minutes after the instance is available.
 */

import type { Rds } from './context.ts';
import { newNameDelay } from './durations.ts';
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
      work: async () => {
        await fleet.closeDoor(row);
        fleet.withdrawName(row);
      },
      after: (now) => {
        const { DBInstanceIdentifier: _, ...pending } = now.pending;
        return { ...now, id, pending, nameFrom: core.clock.now() - whole / 2 + Math.max(newNameDelay, whole) };
      },
    },
    // Opening the door at the end of the reboot publishes the new name, which answers when its time has come.
    ...rebootSteps(rds, row, whole / 2),
  ];
}
