/**
 * A Multi-AZ failover: the standby in the other zone takes over. What was committed is there; connections end, the server recovers, and the
 * endpoint's name leads to another address. Whoever remembers the old address finds nobody there.
 *
 * Source: RDS User Guide, "Failing over a Multi-AZ DB instance".
 */

import type { Rds } from './context.ts';
import { failover } from './durations.ts';
import { tell } from './events.ts';
import { instanceAt } from './lookups.ts';
import type { InstanceRef } from './rows.ts';
import type { Step } from './workflow.ts';

export function failoverSteps({ core, fleet }: Rds, ref: InstanceRef, zone: string): Step[] {
  return [
    {
      status: 'rebooting',
      lasting: failover,
      work: async () => {
        const before = instanceAt(core, ref);
        if (before !== undefined) tell(core, before, 'failoverStarted');
        await fleet.closeDoor(ref);
        await fleet.stop(ref);
        await fleet.start(ref);
      },
      after: (now) => {
        if (now.zone === zone) return now;
        core.network.release(now.address);
        return { ...now, zone, address: core.network.allocate(now.region) };
      },
    },
    {
      lasting: 0,
      work: () => fleet.openDoor(ref),
      after: (now) => {
        tell(core, now, 'restarted');
        tell(core, now, 'failoverCompleted');
        return now;
      },
    },
  ];
}
