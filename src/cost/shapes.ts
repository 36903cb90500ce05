/** Other shapes of the same workload's recovery, as modes of the same templates: warm standby, active-active, and what buys a shorter RTO. */

import type { Charge, Line } from './charge.ts';
import { rate } from './charge.ts';
import type { Modes, Month, Subject } from './month.ts';
import { monthOf, normalModes, priceOf, settingsOf, sumOf } from './month.ts';
import { instancesOf, launchOf, productionOf } from './pricers/compute.ts';
import { largerClass } from './pricers/database.ts';
import { acceleratorCharges } from './pricers/network.ts';
import type { LatchKind, RecoveryTime } from './recovery-time.ts';
import { recoveryTime } from './recovery-time.ts';
import { hoursPerMonth } from './schedule.ts';

export interface Shape {
  readonly name: string;
  readonly what: string;
  /** US dollars a month beyond the workload in one Region alone; absent where something has no price. */
  readonly standby: number | undefined;
  /** Against the shape that is deployed. */
  readonly more: number | undefined;
  readonly total: number | undefined;
  /** Part of what one Region alone costs. */
  readonly share: number | undefined;
  readonly unsure: boolean;
  readonly recovery: RecoveryTime;
  readonly buys: string;
  /** What has no price. */
  readonly without: readonly string[];
}

/** Against what is deployed: a standby that serves a part at once, and two Regions that serve. */
export function alternatives(subject: Subject, normal: Month): Shape[] {
  const { usage } = subject;
  const primaryMultiAz = hasMultiAz(normal, 'primary');
  return [
    shape(subject, normal, { ...asDeployed(subject), name: 'pilot light, as deployed' }),
    shape(subject, normal, {
      name: 'warm standby',
      what: `the same, with ${Math.round(usage.warmShare * 100)} % of the production instances running in the recovery Region`,
      modes: recoveryWith({ capacityShare: usage.warmShare, leastInstances: 1 }),
      warm: true,
      buys: 'a part of the capacity at once; writes still wait for the database',
    }),
    shape(subject, normal, {
      name: 'active-active',
      what: 'both Regions at production capacity with half of the traffic each; RDS for MySQL still has one writer',
      modes: {
        primary: { ...normalModes.primary, share: 0.5 },
        recovery: { role: 'active', share: 0.5, replicates: true, multiAz: primaryMultiAz },
      },
      warm: true,
      buys: 'reads that go on, and nothing that has to start; writes still wait for the database',
    }),
  ];
}

/** What a shorter or surer recovery costs. */
export function pricesOfRto(subject: Subject, normal: Month): Shape[] {
  const settings = settingsOf(subject, normalModes);
  const groups = settings.recovery.all.filter(
    ({ type, side }) => type === 'AWS::AutoScaling::AutoScalingGroup' && side === 'recovery',
  );
  const reserved = groups.map((group): Charge => {
    const type = String(launchOf(group, settings.recovery.all).InstanceType);
    const count = productionOf(group, settings.recovery);
    return {
      component: 'compute',
      what: `${count} × ${type} reserved`,
      rates: rate(`ec2.${type}`),
      quantity: count * hoursPerMonth,
      unit: 'hours',
    };
  });
  const replica = settings.recovery.all.find(
    ({ type, side, properties }) =>
      type === 'AWS::RDS::DBInstance' && side === 'recovery' && properties.SourceDBInstanceIdentifier !== undefined,
  );
  const declared = String(replica?.properties.DBInstanceClass);
  const larger = largerClass(declared, 1);
  const shapes: Asked[] = [
    asDeployed(subject),
    {
      name: '1 warm instance',
      what: 'one instance of each group runs in the recovery Region',
      modes: recoveryWith({ leastInstances: 1 }),
      warm: true,
      buys: 'an image that is proved to boot every day, and a first answer without a launch',
    },
    {
      name: 'capacity reservation',
      what: 'the production capacity reserved in the recovery Region, empty until a failover',
      modes: normalModes,
      extra: reserved,
      buys: 'instances that are there when everybody else fails over too; the time is the same',
    },
    ...otherLatches(subject),
  ];
  if (replica !== undefined) {
    if (larger !== declared) {
      shapes.push({
        name: 'larger replica',
        what: `${larger} rather than ${declared} in the recovery Region`,
        modes: recoveryWith({ databaseSteps: 1 }),
        buys: 'less lag under load and room after the move; no published figure says that it promotes sooner',
      });
    }
    if (!hasMultiAz(normal, 'recovery')) {
      shapes.push({
        name: 'Multi-AZ replica',
        what: 'the replica has a standby of its own',
        modes: recoveryWith({ multiAz: true }),
        buys: 'a promoted database that survives the loss of a zone at once, not after a conversion',
      });
    }
  }
  return shapes.map((asked) => shape(subject, normal, asked));
}

/** What else could lead customers. Where nothing of Pilot Light's does, none of them is a change of this workload. */
function otherLatches({ workload, usage }: Subject): Asked[] {
  const { latch } = workload.traffic;
  if (latch === 'none') return [];
  const instead = {
    modes: normalModes,
    what: latch === 'accelerator' ? 'the accelerator' : 'the alarm',
    ...(latch === 'accelerator' ? { drops: isAccelerator } : {}),
  };
  const byAlarm: Asked = {
    ...instead,
    name: 'alarm latch',
    what: `a failover record that follows an alarm in place of ${instead.what}`,
    latch: 'alarm',
    extra: [
      { component: 'DNS', what: 'health check', rates: rate('route53.check-aws'), quantity: 1, unit: 'months' },
      { component: 'monitoring', what: 'alarm', rates: rate('cloudwatch.alarm'), quantity: 1, unit: 'metrics' },
    ],
    buys: 'no accelerator to pay for; customers follow when DNS does',
  };
  const byAccelerator: Asked = {
    ...instead,
    name: 'accelerator latch',
    what: `a Global Accelerator in place of ${instead.what} (\`traffic.latch: 'accelerator'\`)`,
    latch: 'accelerator',
    extra: acceleratorCharges(workload, usage, normalModes),
    buys: 'customers who are moved without waiting for DNS, behind two addresses that stay; the premium is paid on every answer',
  };
  return [
    latch === 'accelerator' ? byAlarm : byAccelerator,
    {
      ...instead,
      name: 'endpoint-check latch',
      what: `two fast endpoint checks in a witness Region in place of ${instead.what}`,
      latch: 'endpoint checks',
      extra: [
        { component: 'DNS', what: 'health checks', rates: rate('route53.check-aws'), quantity: 2, unit: 'months' },
        { component: 'DNS', what: 'fast', rates: rate('route53.option-aws'), quantity: 2, unit: 'months' },
      ],
      buys: 'a public name that moves sooner',
    },
    {
      ...instead,
      name: 'routing-control latch',
      what: `a cluster of ARC routing controls in place of ${instead.what}`,
      latch: 'routing control',
      extra: [
        {
          component: 'DNS',
          what: 'cluster',
          rates: rate('arc.routing-cluster-hour'),
          quantity: hoursPerMonth,
          unit: 'cluster-hours',
        },
      ],
      buys: 'a public name that moves sooner, by a data plane in five Regions',
    },
  ];
}

const isAccelerator = ({ what }: Line): boolean => what.includes('accelerator');

interface Asked {
  readonly name: string;
  readonly what: string;
  readonly modes: Modes;
  readonly buys: string;
  readonly warm?: boolean;
  readonly latch?: LatchKind;
  /** Lines of the deployed shape that this one does without. */
  readonly drops?: (line: Line) => boolean;
  /** Charges that no template has, in the recovery Region. */
  readonly extra?: readonly Charge[];
}

function asDeployed(subject: Subject): Asked {
  const setting = settingsOf(subject, normalModes).recovery;
  const count = setting.all
    .filter(({ type, side }) => type === 'AWS::AutoScaling::AutoScalingGroup' && side === 'recovery')
    .reduce((sum, group) => sum + instancesOf(group, setting), 0);
  return {
    name: `${count} instances, as deployed`,
    what: 'a replica, a load balancer and images wait; instances start at the failover',
    modes: normalModes,
    warm: count > 0,
    buys: 'the least that can be promoted and started',
  };
}

function shape(subject: Subject, normal: Month, asked: Asked): Shape {
  const { name, what, modes, buys, warm = false, latch = subject.workload.traffic.latch, extra = [] } = asked;
  const { drops = () => false } = asked;
  const month = modes === normalModes ? normal : monthOf(subject, modes);
  const place = { id: `(${name})`, type: name, side: 'recovery', region: subject.workload.recovery.region } as const;
  const added = extra.map((charge) => priceOf(subject.prices, place, charge));
  const lines = [...month.lines.filter((line) => !drops(line)), ...added.flatMap((one) => ('usd' in one ? [one] : []))];
  const lacking = [...month.unpriced, ...added.flatMap((one) => ('keys' in one ? [one] : []))].filter(
    (one) =>
      one.decides ||
      !normal.unpriced.some(({ resource, what: other }) => resource === one.resource && other === one.what),
  );
  const alone = sumOf(normal.lines, 'workload');
  const total = lacking.length > 0 ? undefined : sumOf(lines);
  const { all } = settingsOf(subject, normalModes).recovery;
  return {
    name,
    what,
    total,
    standby: total === undefined ? undefined : total - alone,
    more: total === undefined ? undefined : total - sumOf(normal.lines),
    share: total === undefined || alone === 0 ? undefined : (total - alone) / alone,
    unsure: lines.some((line) => line.unsure),
    recovery: recoveryTime({ workload: subject.workload, all, warm, latch }),
    buys,
    without: [...new Set(lacking.flatMap(({ keys, what: one }) => (keys[0] === undefined ? [one] : [keys[0]])))],
  };
}

const recoveryWith = (more: Partial<Modes['recovery']>): Modes => ({
  ...normalModes,
  recovery: { ...normalModes.recovery, ...more },
});

const hasMultiAz = ({ lines }: Month, side: 'primary' | 'recovery'): boolean =>
  lines.some((line) => line.side === side && line.component === 'database' && line.what.endsWith('Multi-AZ'));
