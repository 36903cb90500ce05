/** What it costs to use the recovery Region: a month in which it serves, and drills. */

import type { Charge, Line, Unpriced } from './charge.ts';
import { rate, transferRates } from './charge.ts';
import type { Modes, Month, Subject } from './month.ts';
import { monthOf, normalModes, priceOf, settingsOf, sumOf } from './month.ts';
import { instanceCharges, launchOf, productionOf } from './pricers/compute.ts';
import { databasePricers } from './pricers/database.ts';
import { hoursPerMonth } from './schedule.ts';
import type { Resource } from './template.ts';

interface Part {
  readonly what: string;
  readonly usd: number;
}

export interface MovedMonth {
  /** Hours in which the recovery Region serves. */
  readonly awayHours: number;
  readonly usd: number;
  /** Against a normal month. */
  readonly more: number;
  readonly parts: readonly Part[];
  readonly unsure: boolean;
  /** What has no price, and is missing from the sum. */
  readonly without: readonly string[];
}

export interface Drill {
  readonly name: string;
  readonly what: string;
  readonly hours: number;
  readonly usd: number;
  readonly parts: readonly Part[];
  readonly unsure: boolean;
  readonly without: readonly string[];
}

/** The same templates with the roles changed round: the recovery Region serves, the primary is fenced, kept and paid for. */
const awayModes: Modes = {
  primary: { role: 'standby', share: 0, replicates: false },
  recovery: { role: 'active', share: 1, replicates: false, runs: { failover: 1, failback: 1 } },
};

/** A month in which a failover happened and the workload came home again. */
export function failoverMonth(subject: Subject, normal: Month, awayHours = subject.usage.awayHours): MovedMonth {
  const away = monthOf(subject, awayModes);
  const moved = priced(subject, moving(subject));
  const part = awayHours / hoursPerMonth;
  const { names } = settingsOf(subject, awayModes).recovery;
  // Runs happen once, however long the workload is away.
  const ours = [names.machine('failover'), names.machine('failback')].map((name) => `transitions of ${name}`);
  const isRun = ({ what }: Line): boolean => ours.includes(what);
  const runs = away.lines.filter(isRun);
  const parts: Part[] = [
    {
      what: `the recovery Region serves, ${awayHours} hours`,
      usd: part * sumOf(away.lines.filter((line) => !isRun(line)).filter(onSide('recovery'))),
    },
    {
      what: `the primary Region fenced and kept, ${awayHours} hours`,
      usd: part * sumOf(away.lines.filter(onSide('primary'))),
    },
    { what: 'the rest of the month as always', usd: (1 - part) * sumOf(normal.lines) },
    { what: 'state machines, a failover and a failback', usd: sumOf(runs) },
    ...moved.parts,
  ];
  const usd = parts.reduce((sum, one) => sum + one.usd, 0);
  return {
    awayHours,
    usd,
    more: usd - sumOf(normal.lines),
    parts,
    unsure: [...away.lines, ...moved.lines].some(({ unsure }) => unsure),
    without: namesOf([...away.unpriced, ...moved.unpriced]),
  };
}

export function drills(subject: Subject, normal: Month): Drill[] {
  const { drillHours: hours } = subject.usage;
  const beside = priced(subject, isolated(subject));
  const moved = failoverMonth(subject, normal, hours);
  return [
    {
      name: 'isolated drill',
      what: 'a copy of the database from a snapshot and the production instances, beside a standby that stays as it is',
      hours,
      usd: sumOf(beside.lines),
      parts: beside.parts,
      unsure: beside.lines.some(({ unsure }) => unsure),
      without: namesOf(beside.unpriced),
    },
    {
      name: 'failover and failback',
      what: 'the real thing and home again: both replicas are built anew',
      hours,
      usd: moved.more,
      parts: moved.parts.filter(({ what }) => what !== 'the rest of the month as always'),
      unsure: moved.unsure,
      without: moved.without,
    },
  ];
}

interface Placed {
  readonly resource: Resource;
  readonly label: string;
  readonly charges: readonly Charge[];
}

/** Once per move out and home: copies between the Regions, databases and a snapshot that are kept for a while. */
function moving(subject: Subject): Placed[] {
  const { workload, usage } = subject;
  const setting = settingsOf(subject, normalModes);
  const [home, away] = [workload.primary.region, workload.recovery.region];
  const instances = setting.recovery.all.filter(({ type }) => type === 'AWS::RDS::DBInstance');
  const copy = (from: string, to: string): Charge => ({
    component: 'data transfer',
    what: `a replica built anew in ${to}`,
    rates: transferRates(to),
    quantity: usage.databaseGb,
    unit: 'GB',
    region: from,
    column: 'standby',
  });
  const kept = usage.keptHours / hoursPerMonth;
  return instances.flatMap((resource): Placed[] => {
    const [from, to] = resource.side === 'primary' ? [away, home] : [home, away];
    const hours = (databasePricers[resource.type]?.(resource, setting[resource.side]) ?? [])
      .filter(({ component, quantity }) => component === 'database' && quantity > 0)
      .map((charge) => ({ ...charge, quantity: charge.quantity * kept }));
    const snapshot: Charge = {
      component: 'database',
      what: 'snapshot before it is renamed',
      rates: rate('rds-storage.backup'),
      quantity: usage.databaseGb * kept,
      unit: 'GB-months',
    };
    return [
      { resource, label: `replica built anew in ${to}`, charges: [copy(from, to)] },
      {
        resource,
        label: `old database kept in ${resource.region}, ${usage.keptHours} hours`,
        charges: [...hours, snapshot],
      },
    ];
  });
}

/** Beside the standby: what a drill starts. */
function isolated(subject: Subject): Placed[] {
  const setting = settingsOf(subject, normalModes).recovery;
  const part = subject.usage.drillHours / hoursPerMonth;
  const here = setting.all.filter(({ side }) => side === 'recovery');
  const scaled = (charges: readonly Charge[]) =>
    charges.map((charge) => ({ ...charge, quantity: charge.quantity * part }));
  const databases = here
    .filter(({ type }) => type === 'AWS::RDS::DBInstance')
    .map((resource) => ({
      resource,
      label: 'database from a snapshot',
      charges: scaled(
        (databasePricers[resource.type]?.(resource, setting) ?? []).filter(({ component }) => component === 'database'),
      ),
    }));
  const groups = here
    .filter(({ type }) => type === 'AWS::AutoScaling::AutoScalingGroup')
    .map((resource) => ({
      resource,
      label: 'production instances',
      charges: scaled(instanceCharges(launchOf(resource, setting.all), productionOf(resource, setting), setting)),
    }));
  return [...databases, ...groups];
}

function priced({ prices }: Subject, placed: readonly Placed[]) {
  const all = placed.map(({ resource, label, charges }) => ({
    label,
    results: charges.map((charge) => priceOf(prices, { ...resource, id: label }, charge)),
  }));
  const lines = all.flatMap(({ results }) => results.flatMap((one): Line[] => ('usd' in one ? [one] : [])));
  const unpriced = all.flatMap(({ results }) => results.flatMap((one): Unpriced[] => ('keys' in one ? [one] : [])));
  const parts = all.map(({ label }) => ({
    what: label,
    usd: sumOf(lines.filter(({ resource }) => resource === label)),
  }));
  return { lines, unpriced, parts };
}

const onSide =
  (side: 'primary' | 'recovery') =>
  (line: Line): boolean =>
    side === 'primary' ? line.side === 'primary' : line.side !== 'primary';

const namesOf = (unpriced: readonly Unpriced[]): string[] => [
  ...new Set(unpriced.map(({ keys, what }) => keys[0] ?? what)),
];
