/**
 * What a template can't tell of its workload: each assumption with its default, its unit and why. All of them are printed with the
 * result, and all can be said otherwise. Amounts are for the whole workload and for a month of 730 hours unless their unit says else.
 */

import { z } from 'zod';
import { checked } from '../facts/checked.ts';

export interface Assumption {
  readonly value: number;
  readonly unit: string;
  readonly what: string;
  /** No more than this. */
  readonly most?: number;
}

export const assumptions = {
  databaseGb: { value: 10, unit: 'GB', what: 'data in the database: what a reseed copies to the other Region' },
  binlogGbPerDay: { value: 0.5, unit: 'GB a day', what: 'changes the replica receives from the other Region' },
  databaseBackupGb: {
    value: 0,
    unit: 'GB',
    what: 'automated backups of each database beyond the free part (as much as it has storage)',
  },
  storedGb: { value: 50, unit: 'GB', what: 'objects in each bucket' },
  oldVersionsGb: { value: 5, unit: 'GB', what: 'old versions kept in each bucket' },
  writtenGbPerDay: {
    value: 0.5,
    unit: 'GB a day',
    what: 'objects written to each bucket, all copied to the other Region',
  },
  objectMb: { value: 1, unit: 'MB', what: 'mean size of an object' },
  objectReads: { value: 1_000_000, unit: 'requests', what: 'GET requests to each bucket' },
  albLcus: { value: 1, unit: 'LCUs', what: 'mean load of a load balancer that serves; one that waits has none' },
  internetGb: { value: 100, unit: 'GB', what: 'answers to the internet' },
  crossZoneGb: { value: 50, unit: 'GB', what: 'traffic between Availability Zones, paid on both ends' },
  natGb: { value: 20, unit: 'GB', what: 'traffic through each NAT gateway of a Region that serves' },
  endpointGb: { value: 2, unit: 'GB', what: 'traffic through each interface endpoint of a Region that serves' },
  rootVolumeGb: { value: 8, unit: 'GB', what: 'gp3 root volume of an instance whose template names none' },
  imageGb: { value: 3, unit: 'GB', what: 'stored blocks of the first image' },
  imageChangedGb: { value: 0.5, unit: 'GB', what: 'blocks that change from one image to the next' },
  functionInvocations: {
    value: 500_000,
    unit: 'invocations',
    what: "invocations of each of the workload's functions that isn't started by a clock alone",
  },
  functionMs: { value: 200, unit: 'ms', what: "mean duration of the workload's functions" },
  queueMessages: {
    value: 500_000,
    unit: 'messages',
    what: 'messages through each queue that has a consumer: sent, received, deleted',
  },
  queuePollers: { value: 5, unit: 'pollers', what: 'long polls of 20 s that Lambda keeps open on a queue', most: 1000 },
  machineRuns: { value: 0, unit: 'executions', what: "executions of the workload's own state machines" },
  tableReads: { value: 1_000_000, unit: 'read units', what: "reads of each of the workload's own tables" },
  tableWrites: { value: 1_000_000, unit: 'write units', what: "writes of each of the workload's own tables" },
  tableGb: { value: 1, unit: 'GB', what: "data in each of the workload's own tables" },
  notifications: { value: 1000, unit: 'messages', what: 'messages published to each topic of the workload' },
  notices: {
    value: 100,
    unit: 'messages',
    what: "alarms and runs told on each Region's own topic: e-mails, and invocations for webhooks",
  },
  customEvents: { value: 0, unit: 'events', what: 'events put on each custom event bus' },
  kmsRequests: { value: 200_000, unit: 'requests', what: 'requests to each key of a Region that serves' },
  kmsRequestsStandby: {
    value: 20_000,
    unit: 'requests',
    what: 'requests to each key of a Region that waits (replication, upkeep)',
  },
  secretRequests: { value: 10_000, unit: 'requests', what: 'reads of each secret of a Region that serves' },
  logGb: { value: 2, unit: 'GB', what: "logs of the workload's instances and functions" },
  customMetrics: { value: 0, unit: 'metrics', what: 'metrics the workload publishes' },
  dnsQueries: {
    value: 0,
    unit: 'queries',
    what: 'DNS queries that are charged: those for an alias to a load balancer are not',
  },
  snapshotGb: { value: 0, unit: 'GB', what: 'database snapshots kept by hand in each Region' },
  watchSeconds: {
    value: 57,
    unit: 's',
    what: "how long one run of the watcher loops (its code's own figure)",
    most: 900,
  },
  tickSeconds: { value: 1, unit: 's', what: 'how long one run of the other control functions lasts', most: 900 },
  sqlMs: { value: 150, unit: 'ms', what: 'how long one look at the replica takes' },
  looksKb: { value: 4, unit: 'KB', what: 'the item in which the watcher keeps what it remembers, while all is well' },
  controlLogBytes: { value: 600, unit: 'bytes', what: 'log lines of one look or one run of a control function' },
  awayHours: { value: 730, unit: 'hours', what: 'how much of a failover month the recovery Region serves', most: 730 },
  keptHours: { value: 168, unit: 'hours', what: 'how long an old database is kept beside its successor after a move' },
  runPolls: {
    value: 300,
    unit: 'transitions',
    what: 'asking again in one failover or failback: retries count as state transitions',
  },
  drillHours: { value: 4, unit: 'hours', what: 'how long a drill lasts', most: 730 },
  warmShare: { value: 0.5, unit: 'share', what: 'part of the production capacity that a warm standby runs', most: 1 },
} as const satisfies Record<string, Assumption>;

export type UsageName = keyof typeof assumptions;
export type Usage = Readonly<Record<UsageName, number>>;

export const usageNames = Object.keys(assumptions) as UsageName[];
export const defaultUsage: Usage = Object.fromEntries(
  usageNames.map((name) => [name, assumptions[name].value]),
) as Usage;

/** Usage as far as it is said otherwise. @throws a usage error that lists every wrong field. */
export function parseUsage(value: unknown, from: string): Partial<Usage> {
  return checked(schema, value, {
    what: 'The usage',
    from,
    next: 'Correct the fields above. `pilot-light cost --print usage` lists every one.',
    fields: usageNames,
  }) as Partial<Usage>;
}

const schema = z.strictObject(
  Object.fromEntries(
    usageNames.map((name) => {
      const { unit, most }: Assumption = assumptions[name];
      const allowed = `a number of ${unit}, ${most === undefined ? 'zero or more' : `from 0 to ${most}`}`;
      return [
        name,
        z
          .number(allowed)
          .min(0, allowed)
          .max(most ?? Number.MAX_SAFE_INTEGER, allowed)
          .optional(),
      ];
    }),
  ),
  `an object of numbers`,
);
