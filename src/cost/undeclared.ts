/** What a side costs though no template declares it: answers to the internet, logs, metrics, images, snapshots. */

import type { Charge, Setting } from './charge.ts';
import { rate, transferRates } from './charge.ts';
import { hoursPerMonth } from './schedule.ts';

export interface Undeclared {
  /** What it belongs to, in brackets: it is in no template. */
  readonly of: string;
  readonly charges: readonly Charge[];
}

export function undeclared(setting: Setting): Undeclared[] {
  return [
    { of: '(traffic)', charges: traffic(setting) },
    { of: '(logs)', charges: logs(setting) },
    { of: '(metrics)', charges: metrics(setting) },
    { of: '(images)', charges: images(setting) },
    { of: '(snapshots)', charges: snapshots(setting) },
  ];
}

function traffic({ side, all, mode, usage }: Setting): Charge[] {
  const has = (type: string) => all.some((one) => one.side === side && one.type === type);
  const charges: Charge[] = [];
  if (has('AWS::ElasticLoadBalancingV2::LoadBalancer')) {
    charges.push({
      component: 'data transfer',
      what: 'answers to the internet',
      rates: rate('transfer.internet-gb'),
      quantity: usage.internetGb * mode.share,
      unit: 'GB',
    });
  }
  if (has('AWS::AutoScaling::AutoScalingGroup')) {
    charges.push({
      component: 'data transfer',
      what: 'between Availability Zones, both ends',
      rates: rate('transfer.zone-gb', 2),
      quantity: usage.crossZoneGb * mode.share,
      unit: 'GB',
    });
  }
  return charges;
}

function logs({ side, mode, usage, control }: Setting): Charge[] {
  const own = usage.logGb * mode.share;
  const ours = control.logGb[side];
  const both = (gb: number, what: string, column?: 'standby'): Charge[] =>
    (['ingested', 'stored'] as const).map((how) => ({
      component: 'monitoring',
      what: `logs ${what}, ${how}`,
      rates: rate(`logs.${how}-gb`),
      quantity: gb,
      unit: 'GB',
      ...(column === undefined ? {} : { column }),
    }));
  return [...both(own, 'of the workload'), ...both(ours, 'of the control functions', 'standby')];
}

function metrics({ side, mode, usage, control }: Setting): Charge[] {
  const own: Charge = {
    component: 'monitoring',
    what: "the workload's metrics",
    rates: rate('cloudwatch.metric'),
    quantity: usage.customMetrics * mode.share,
    unit: 'metrics',
  };
  if (!control.runs.has('recovery watch')) return [own];
  // The watcher's sign of life, in the primary Region.
  if (side === 'primary') return [own, ...published("the watcher's metric", control)];
  if (side !== 'recovery') return [own];
  return [
    own,
    ...published("the latch's metric", control),
    {
      component: 'DNS',
      what: "the watcher's questions for Route 53's verdict",
      rates: rate('route53.queries-1m'),
      quantity: control.dnsQueries / 1e6,
      unit: 'million',
    },
  ];
}

const published = (what: string, { metricCalls }: Setting['control']): Charge[] => [
  { component: 'monitoring', what, rates: rate('cloudwatch.metric'), quantity: 1, unit: 'metrics' },
  {
    component: 'monitoring',
    what: `publishing ${what}`,
    rates: rate('cloudwatch.api-1k'),
    quantity: metricCalls / 1000,
    unit: 'thousand',
  },
];

/** Images are made on the active side, copied to the other one and kept on both. */
function images({ side, mode, usage, workload, control }: Setting): Charge[] {
  const runs = control.runs.get(`${side} images`);
  if (runs === undefined) return [];
  const { keep, everyHours } = workload.images;
  const other = side === 'primary' ? workload.recovery.region : workload.primary.region;
  const making = mode.role === 'active' && runs.invocations > 0;
  return [
    {
      component: 'images',
      what: `snapshots of ${keep} images`,
      rates: rate('ebs.snapshot'),
      quantity: usage.imageGb + (keep - 1) * usage.imageChangedGb,
      unit: 'GB-months',
      column: 'standby',
    },
    {
      component: 'data transfer',
      what: `images to ${other}`,
      rates: transferRates(other),
      quantity: making ? (hoursPerMonth / everyHours) * usage.imageChangedGb : 0,
      unit: 'GB',
      column: 'standby',
    },
  ];
}

function snapshots({ usage }: Setting): Charge[] {
  return [
    {
      component: 'database',
      what: 'snapshots kept by hand',
      rates: rate('rds-storage.backup'),
      quantity: usage.snapshotGb,
      unit: 'GB-months',
    },
  ];
}
