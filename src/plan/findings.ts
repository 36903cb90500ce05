/**
 * The findings, as a table: what each says, what has to be seen for it, what may be done about it. Order is precedence: of the primary
 * Region the first that holds in each of the last looks that have to agree is the finding; of the recovery Region all that hold are.
 */

import type { OnReplica, Outage, Policy } from './policy.ts';
import type { Condition } from './view.ts';
import type { Observer, Sighting } from './world.ts';

export const findingCodes = [
  'recovery-blind',
  'flapping',
  'primary-region-dark',
  'primary-service-down',
  'primary-database-down',
  'primary-application-down',
  'primary-unreachable',
  'workload-alarm',
  'public-name-down',
  'primary-apis-down',
  'all-well',
  'unclear',
  'recovery-impaired',
  'recovery-no-capacity',
  'replica-broken',
  'replica-behind',
  'replica-silent',
] as const;
export type FindingCode = (typeof findingCodes)[number];

/** A finding as it holds in a world. */
export interface Finding {
  readonly code: FindingCode;
  readonly says: string;
  /** Epoch milliseconds since which it is the finding. */
  readonly since: number;
  /** Whether it has lasted long enough to be told and acted on. */
  readonly settled: boolean;
  /** The sightings of the last look. */
  readonly evidence: readonly Sighting[];
}

/** What may be done: nothing but telling, or what the policy says of that outage. */
type Answer = 'none' | Outage;

export interface PrimaryRule {
  readonly code: FindingCode;
  readonly says: string;
  readonly answer: Answer;
  /** Whether a person is asked where the policy would act by itself. */
  readonly asks?: true;
  /** Seconds it has to last before it is told or acted on; longer, where the policy is more patient with that outage. */
  readonly settles: number;
  /** Whether customers are served all the same: what was begun on a suspicion is undone. */
  readonly served?: true;
  /** It holds where one of these does. */
  readonly when: readonly Condition[];
}

/** Whoever looks from neither this side nor the primary Region, or sits in the primary Region and is read there. */
const outside: readonly Observer[] = ['route53-verdict', 'outside-alarms'];
const elsewhere: readonly Observer[] = [...outside, 'primary-alarms'];

export const primaryRules: readonly PrimaryRule[] = [
  {
    code: 'recovery-blind',
    says: "the primary can't be reached from the recovery Region, but others reach it or its database still sends: it is this side that is cut off",
    answer: 'none',
    // Route 53 and a replica take half a minute to notice a dark Region: until then it looks like this.
    settles: 60,
    when: [
      { failed: ['primary-balancer'], well: ['route53-verdict'] },
      { failed: ['primary-balancer'], well: ['public-name'] },
      { failed: ['primary-balancer', 'primary-apis'], well: ['replica-stream'] },
    ],
  },
  {
    code: 'primary-region-dark',
    says: 'the primary Region answers nobody: not its load balancer, not its APIs, its database has stopped sending, and from outside it is not reached either',
    answer: 'regionDark',
    settles: 0,
    when: [
      {
        failed: ['primary-balancer', 'primary-apis', 'replica-stream'],
        anyFailed: outside,
        notWell: ['public-name', 'route53-verdict'],
      },
    ],
  },
  {
    code: 'primary-service-down',
    says: "the primary application answers nobody and its database has stopped sending, while the Region's APIs answer",
    answer: 'databaseDown',
    settles: 0,
    when: [
      {
        failed: ['primary-balancer', 'replica-stream'],
        well: ['primary-apis'],
        anyFailed: elsewhere,
        notWell: ['public-name', 'route53-verdict'],
      },
    ],
  },
  {
    code: 'primary-database-down',
    says: "the primary database has stopped sending and the application can't write, while application and Region answer",
    answer: 'databaseDown',
    settles: 0,
    when: [{ failed: ['primary-ready', 'replica-stream'], well: ['primary-balancer', 'primary-apis'] }],
  },
  {
    code: 'primary-application-down',
    says: "the primary application serves nobody or takes no writes, while its database lives and the Region's APIs answer",
    answer: 'applicationDown',
    settles: 0,
    when: [
      {
        failed: ['primary-balancer'],
        well: ['primary-apis', 'replica-stream'],
        anyFailed: elsewhere,
        notWell: ['public-name', 'route53-verdict'],
      },
      { failed: ['primary-ready'], well: ['primary-balancer', 'primary-apis', 'replica-stream'] },
    ],
  },
  {
    code: 'primary-unreachable',
    says: "the primary can't be reached from the recovery Region, and nobody outside says whether others reach it: an outage can't be told from a link that is down",
    answer: 'regionDark',
    asks: true,
    settles: 30,
    when: [{ failed: ['primary-balancer'], notWell: ['public-name', 'route53-verdict'] }],
  },
  {
    code: 'workload-alarm',
    says: "the workload's own alarms ring, while it answers",
    answer: 'applicationDown',
    asks: true,
    settles: 0,
    when: [{ anyFailed: ['primary-alarms', 'outside-alarms'], notFailed: ['primary-balancer', 'primary-ready'] }],
  },
  {
    code: 'public-name-down',
    says: "the public name doesn't answer, while the primary's own load balancer does: going over wouldn't mend that",
    answer: 'none',
    settles: 60,
    when: [{ failed: ['public-name'], well: ['primary-balancer'] }],
  },
  {
    code: 'primary-apis-down',
    says: "customers are served, but the primary Region's APIs don't answer",
    answer: 'none',
    settles: 60,
    served: true,
    when: [{ failed: ['primary-apis'], well: ['primary-balancer'], notFailed: ['primary-ready', 'public-name'] }],
  },
  {
    code: 'all-well',
    says: 'the service answers',
    answer: 'none',
    settles: 0,
    served: true,
    when: [{ well: ['primary-balancer'], notFailed: ['primary-ready', 'public-name'] }],
  },
];

/** Not seen in looks that agree but in their change. */
export const flapping = {
  code: 'flapping',
  says: 'the primary comes and goes: it is waited until it stays one or the other',
  /** Times it fell within the last quarter of an hour, each time for as many looks as have to agree. */
  falls: 3,
  /** Seconds it has to stay as it is before it counts as steady again. */
  steadySeconds: 120,
  /** Times it fell within those, for however short. */
  quickFalls: 6,
} as const;

export interface RecoveryRule {
  readonly code: FindingCode;
  readonly says: string;
  readonly settles: number;
  /** What it does to a failover: stops it, is for the policy to say, or nothing. */
  readonly stops: 'always' | keyof Pick<Policy, 'replicaBehind' | 'replicaBroken'> | 'never';
  readonly when: readonly Condition[];
}

export const recoveryRules: readonly RecoveryRule[] = [
  {
    code: 'recovery-impaired',
    says: "the recovery Region's APIs don't answer: nothing could be failed over",
    settles: 60,
    stops: 'always',
    when: [{ failed: ['recovery-apis'] }],
  },
  {
    code: 'recovery-no-capacity',
    says: "the recovery Region can't launch what it was told to, or misses what it would launch from",
    settles: 60,
    stops: 'always',
    when: [{ failed: ['recovery-capacity'] }],
  },
  {
    code: 'replica-broken',
    says: 'the replica has stopped applying, or is in no state to be promoted',
    settles: 60,
    stops: 'replicaBroken',
    when: [{ failed: ['replica-sound'] }, { failed: ['replica-status'] }],
  },
  {
    code: 'replica-behind',
    says: 'the replica is further behind than the recovery point objective',
    settles: 120,
    stops: 'replicaBehind',
    when: [{ failed: ['replica-fresh'] }],
  },
  {
    code: 'replica-silent',
    says: 'the replica receives nothing, while the primary takes writes: they would be lost',
    settles: 60,
    stops: 'never',
    when: [{ failed: ['replica-stream'], well: ['primary-ready'] }],
  },
];

/** Whether the policy lets a finding about the recovery Region stop a failover. */
export const stopsBy = ({ stops }: RecoveryRule, policy: Policy): boolean =>
  stops === 'always' || (stops !== 'never' && policy[stops] === ('hold' satisfies OnReplica));
