/** What may be done about a finding: the config's policy with every default filled in. */

import type { Workload } from '../workload/config.ts';

export type Trigger = 'automatic' | 'approve' | 'manual';
/** The kinds of outage a policy tells apart. */
export const outages = ['regionDark', 'databaseDown', 'applicationDown'] as const;
export type Outage = (typeof outages)[number];
export type OnReplica = 'hold' | 'proceed';

export interface Policy {
  readonly triggers: Readonly<Record<Outage, Trigger>>;
  /** Seconds an outage must last: what mends itself is given the time for it. */
  readonly patience: Readonly<Record<Outage, number>>;
  readonly replicaBehind: OnReplica;
  readonly replicaBroken: OnReplica;
  /** Failed looks after which reversible steps begin; 0 is never. */
  readonly suspicionAfter: number;
  /** Automation stays out so long after a run. */
  readonly lockoutMinutes: number;
  /** For so long a person can approve what they were shown. */
  readonly approvalMinutes: number;
  /** Looks in a row that must agree. */
  readonly agreeing: number;
}

export function policyOf({ policy, watch: { agreeing } }: Pick<Workload, 'policy' | 'watch'>): Policy {
  const written = typeof policy === 'string' ? { trigger: policy } : policy;
  const { trigger } = written;
  return {
    triggers: {
      regionDark: trigger,
      databaseDown: written.databaseDown ?? trigger,
      // What broke the application is often deployed in both Regions: going over wouldn't mend it, so a person looks first.
      applicationDown: written.applicationDown ?? (trigger === 'automatic' ? 'approve' : trigger),
    },
    patience: {
      regionDark: 0,
      databaseDown: written.databaseDownSeconds ?? 180,
      applicationDown: written.applicationDownSeconds ?? 300,
    },
    replicaBehind: written.replicaBehind ?? 'hold',
    replicaBroken: written.replicaBroken ?? 'hold',
    suspicionAfter: written.suspicionAfter ?? 1,
    lockoutMinutes: written.lockoutMinutes ?? 30,
    approvalMinutes: written.approvalMinutes ?? 15,
    agreeing,
  };
}
