/** What the service remembers: plain rows, one table per kind and Region. */

import type { PendingModifiedValues } from '@aws-sdk/client-rds';
import type { SandboxCore, Table } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';

export type Tags = Readonly<Record<string, string>>;

/** A database anywhere in the sandbox; the resource id outlives renames. */
export interface InstanceRef {
  readonly region: string;
  readonly resourceId: string;
}

export type ParameterStatus = 'in-sync' | 'applying' | 'pending-reboot';

export interface ParameterGroupUse {
  readonly name: string;
  readonly status: ParameterStatus;
  /** Something in the group waits for the next start of the server. */
  readonly rebootNeeded: boolean;
}

export interface ReplicationStatus {
  readonly status: 'replicating' | 'error' | 'stopped' | 'terminated';
  readonly message: string;
}

/** Members of a request that are shown again and change nothing here. */
export type Recorded = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface InstanceRow extends InstanceRef {
  readonly id: string;
  readonly serverId: number;
  readonly status: string;
  /** The change under way, if any: nothing else may start meanwhile, whatever the status shows. */
  readonly busy: string | undefined;
  readonly engine: string;
  readonly engineVersion: string;
  readonly class: string;
  /** Gibibytes. */
  readonly allocatedStorage: number;
  readonly masterUser: string;
  readonly databaseName: string | undefined;
  readonly port: number;
  /** AWS time in milliseconds of becoming available for the first time. */
  readonly createdAt: number | undefined;
  readonly backupRetention: number;
  readonly backupWindow: string;
  readonly lastBackupAt: number | undefined;
  /** The automated snapshot that is being taken. */
  readonly backingUp?: string;
  /** AWS time in milliseconds up to which its binary logs are in its backups. */
  readonly logsKeptAt?: number;
  /** Promoted, and not backed up since: the first backup is of everything. */
  readonly wholeBackupDue?: true;
  readonly maintenanceWindow: string;
  readonly multiAz: boolean;
  readonly zone: string;
  readonly subnetGroup: string | undefined;
  readonly securityGroups: readonly string[];
  readonly parameterGroup: ParameterGroupUse;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  readonly deletionProtection: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly tags: Tags;
  /** Whose replica it is said to be; a promotion clears it last. */
  readonly source: InstanceRef | undefined;
  /** What its source was called when it was deleted: shown until RDS has made this a database of its own. */
  readonly sourceWas?: string;
  /** Whether it really receives from its source: what `{TrueIfReplica}` goes by. */
  readonly follows: boolean;
  readonly replicas: readonly InstanceRef[];
  readonly replication: ReplicationStatus | undefined;
  /** The row a fault has put in its way, and whether its source has written the transaction that meets it. */
  readonly obstacle?: { readonly name: string; readonly met: boolean };
  readonly pending: PendingModifiedValues;
  /** Changes waiting for the maintenance window. */
  readonly deferred: DeferredChange;
  readonly recorded: Recorded;
  /** The address customers connect to. */
  readonly address: string;
  /** AWS time in milliseconds from which its DNS name answers; always, unless it was renamed. */
  readonly nameFrom?: number;
  /** Since when (AWS time in milliseconds) it has been stopped (by its owner, or for its key), or its replication broken. */
  readonly stoppedAt?: number;
  readonly brokenAt?: number;
  /** Since when (AWS time in milliseconds) RDS can't use its key. */
  readonly keyGoneAt?: number;
  /** The address of the source that only this replica receives through. */
  readonly link?: string;
  /** Whether its server should run, and whether customers get through to it. */
  readonly up: boolean;
  readonly open: boolean;
  /** Binary logs by the AWS time they were begun, oldest first. */
  readonly logs: readonly { readonly name: string; readonly begunAt: number }[];
}

/** Changes that take time, as they are kept; `resume.ts` has to know each. */
export type ChangeName =
  | 'automated backup'
  | 'creation'
  | 'loss of its key'
  | 'maintenance'
  | 'modification'
  | 'promotion'
  | 'reboot'
  | 'replica creation'
  | 'restore'
  | 'snapshot'
  | 'snapshot for a replica'
  | 'start'
  | 'stop';

/** A change under way: what it takes to go on with it. */
export interface ChangeRow {
  /** A deletion has no steps: it is begun anew. */
  readonly name: ChangeName | 'deletion';
  /** The instance as it was when the change began. */
  readonly row: InstanceRow;
  readonly args: unknown;
  /** How many of its steps are over. */
  readonly step: number;
}

export interface DeferredChange {
  readonly backupRetention?: number;
  readonly multiAz?: boolean;
  readonly class?: string;
  readonly allocatedStorage?: number;
  readonly id?: string;
}

export interface SnapshotRow {
  readonly id: string;
  readonly region: string;
  readonly status: 'creating' | 'available' | 'failed';
  readonly type: 'manual' | 'automated';
  readonly instanceId: string;
  readonly createdAt: number;
  readonly percent: number;
  readonly tags: Tags;
  readonly encrypted: boolean;
  readonly kmsKeyId: string | undefined;
  /** The snapshot this one is a copy of. */
  readonly copyOf: { readonly arn: string; readonly region: string } | undefined;
  /** The instance as it was, for a restore. */
  readonly instance: InstanceRow;
  readonly backup: Backup | undefined;
}

export interface SubnetGroupRow {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string | undefined;
  readonly subnets: readonly { readonly id: string; readonly zone: string }[];
  readonly tags: Tags;
}

export interface ParameterGroupRow {
  readonly name: string;
  readonly family: string;
  readonly description: string;
  /** What was set by a request; everything else has its default. */
  readonly values: Readonly<
    Record<string, { readonly value: string; readonly method: 'immediate' | 'pending-reboot' }>
  >;
  readonly tags: Tags;
}

/** The automated backups of an instance that is gone. */
export interface RetainedBackupRow {
  readonly instance: InstanceRow;
  readonly deletedAt: number;
}

export interface EventRow {
  /** AWS time in milliseconds. */
  readonly at: number;
  readonly eventId: string;
  readonly category: string;
  readonly message: string;
  readonly sourceType: 'db-instance' | 'db-snapshot' | 'db-parameter-group';
  readonly sourceId: string;
  readonly sourceArn: string;
}

export interface RdsTables {
  /** By resource id. */
  readonly instances: Table<InstanceRow>;
  readonly snapshots: Table<SnapshotRow>;
  /** By resource id. */
  readonly retainedBackups: Table<RetainedBackupRow>;
  readonly subnetGroups: Table<SubnetGroupRow>;
  readonly parameterGroups: Table<ParameterGroupRow>;
  /** By resource id. */
  readonly changes: Table<ChangeRow>;
  /** By number. */
  readonly events: Table<EventRow>;
  readonly counters: Table<number>;
}

export const rdsTables = (core: SandboxCore, region: string): RdsTables => ({
  instances: core.table('rds', region, 'instances'),
  snapshots: core.table('rds', region, 'snapshots'),
  retainedBackups: core.table('rds', region, 'retained-backups'),
  subnetGroups: core.table('rds', region, 'subnet-groups'),
  parameterGroups: core.table('rds', region, 'parameter-groups'),
  changes: core.table('rds', region, 'changes'),
  events: core.table('rds', region, 'events'),
  counters: core.table('rds', region, 'counters'),
});
