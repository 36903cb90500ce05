/**
 * What Route 53 keeps. It is global: tables belong to no Region. Records exist twice, as the control plane was told (`records`) and as
 * the name servers answer (`served`); a change moves from one to the other when it is INSYNC.
 */

import type { CloudWatchAlarmConfiguration, HealthCheckConfig, ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError, globalScope } from '../../contract.ts';

export interface ZoneRow {
  readonly id: string;
  /** With its final dot. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string | undefined;
  readonly nameServers: readonly string[];
}

export interface ChangeRow {
  readonly id: string;
  readonly submitted: number;
  readonly insync: boolean;
  readonly comment?: string | undefined;
  /** What is served from when it is INSYNC on. */
  readonly pending?: PendingRecords;
}

export interface PendingRecords {
  readonly zone: string;
  readonly changes: readonly { readonly remove: boolean; readonly record: ResourceRecordSet }[];
}

export interface CheckRow {
  readonly id: string;
  readonly callerReference: string;
  readonly config: HealthCheckConfig;
  readonly version: number;
  readonly alarm?: CloudWatchAlarmConfiguration | undefined;
  /** The verdict on what is watched, before inversion: healthy until there is one. */
  readonly watchedIsHealthy: boolean;
  readonly observation: string;
  readonly observed: number;
}

export interface Route53Tables {
  readonly zones: Table<ZoneRow>;
  readonly changes: Table<ChangeRow>;
  readonly checks: Table<CheckRow>;
  /** By `healthcheck/<id>` or `hostedzone/<id>`. */
  readonly tags: Table<Readonly<Record<string, string>>>;
  readonly records: (zone: string) => Table<ResourceRecordSet>;
  readonly served: (zone: string) => Table<ResourceRecordSet>;
}

export function route53Tables(core: SandboxCore): Route53Tables {
  const open = <T>(name: string): Table<T> => core.table<T>('route53', globalScope, name);
  return {
    zones: open('zones'),
    changes: open('changes'),
    checks: open('health-checks'),
    tags: open('tags'),
    records: (zone) => open(`records/${zone}`),
    served: (zone) => open(`served/${zone}`),
  };
}

/** The control plane's own Region, and its clock: while that Region is dark nothing gets INSYNC. */
export const controlPlane = 'us-east-1';

export const controlClock = (core: SandboxCore) =>
  core.regions.includes(controlPlane) ? core.region(controlPlane).clock : core.clock;

/** Ids come with and without their kind in front: `/hostedzone/Z1`, `Z1`. */
export const plainId = (given: string | undefined): string => given?.split('/').at(-1) ?? '';

export function zoneNamed(core: SandboxCore, given: string | undefined): ZoneRow {
  const zone = route53Tables(core).zones.get(plainId(given));
  if (zone === undefined) {
    throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${plainId(given)}`, { status: 404 });
  }
  return zone;
}

export function checkNamed(core: SandboxCore, given: string | undefined): CheckRow {
  const check = route53Tables(core).checks.get(plainId(given));
  if (check === undefined) {
    throw new AwsError('NoSuchHealthCheck', `A health check with id ${plainId(given)} does not exist.`, {
      status: 404,
    });
  }
  return check;
}

/** Names are compared in lower case with their final dot. */
export const fullName = (name: string | undefined): string => `${(name ?? '').toLowerCase().replace(/\.$/, '')}.`;

export const changeShape = ({ id, submitted, insync, comment }: ChangeRow) => ({
  Id: `/change/${id}`,
  Status: insync ? ('INSYNC' as const) : ('PENDING' as const),
  SubmittedAt: new Date(submitted),
  ...(comment === undefined ? {} : { Comment: comment }),
});
