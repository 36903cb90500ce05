/** Whether the alarms a config names can say what they are asked for: where they stand decides what they can see. */

import type { Workload } from '../config.ts';
import type { Problem } from '../refusal.ts';

export function alarmProblems({ account, primary, recovery, watch }: Workload): Problem[] {
  const lists = [
    ['alarms', recovery.region, 'in the recovery Region it sees no more than the watcher does'],
    ['resolvedBy', primary.region, 'in the primary Region nobody could ask it after a failover'],
  ] as const;
  return lists.flatMap(([field, barred, why]) =>
    watch[field].flatMap((arn, index) => {
      const [, , , region, owner] = arn.split(':');
      const path = ['watch', field, String(index)];
      if (region === barred) return [{ path, message: why, allowed: `an alarm of another Region than ${barred}` }];
      if (owner !== account) {
        return [{ path, message: "not an alarm of the workload's account", allowed: `an alarm of ${account}` }];
      }
      return [];
    }),
  );
}
