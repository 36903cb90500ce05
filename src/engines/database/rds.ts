/**
 * Observes and moves RDS instances of one Region. A call returns when RDS has accepted it; whether it has come true is asked for
 * separately, because `available` alone says too little: a promotion shows it before it has begun.
 */

import type { DBInstance, DBSnapshot, Tag } from '@aws-sdk/client-rds';
import type { Clients } from '../../aws/clients.ts';

export interface ReplicaRequest {
  readonly identifier: string;
  readonly sourceArn: string;
  readonly instanceClass: string;
  readonly parameterGroup: string;
  readonly subnetGroup: string;
  readonly securityGroups: readonly string[];
  readonly keyId: string;
  readonly multiAz: boolean;
  readonly tags: readonly Tag[];
}

export interface Rds {
  describe(identifier: string): Promise<DBInstance | undefined>;
  promote(identifier: string, backupRetention: number): Promise<void>;
  createReplica(request: ReplicaRequest): Promise<void>;
  snapshot(identifier: string, snapshot: string): Promise<void>;
  describeSnapshot(snapshot: string): Promise<DBSnapshot | undefined>;
  rename(identifier: string, to: string): Promise<void>;
  modify(
    identifier: string,
    change: { backupRetention?: number; multiAz?: boolean; deletionProtection?: boolean },
  ): Promise<void>;
}

export function rdsOf(clients: Clients): Rds {
  return {
    async describe(identifier) {
      const { DBInstanceNotFoundFault, DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      try {
        const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
        return DBInstances?.[0];
      } catch (error) {
        if (error instanceof DBInstanceNotFoundFault) return undefined;
        throw error;
      }
    },
    async promote(identifier, backupRetention) {
      const { PromoteReadReplicaCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      // The same retention as before: going from none to some costs another reboot and a first backup.
      await client.send(
        new PromoteReadReplicaCommand({ DBInstanceIdentifier: identifier, BackupRetentionPeriod: backupRetention }),
      );
    },
    async createReplica(request) {
      const { CreateDBInstanceReadReplicaCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      await client.send(
        new CreateDBInstanceReadReplicaCommand({
          DBInstanceIdentifier: request.identifier,
          SourceDBInstanceIdentifier: request.sourceArn,
          DBInstanceClass: request.instanceClass,
          DBParameterGroupName: request.parameterGroup,
          DBSubnetGroupName: request.subnetGroup,
          VpcSecurityGroupIds: [...request.securityGroups],
          KmsKeyId: request.keyId,
          MultiAZ: request.multiAz,
          CopyTagsToSnapshot: true,
          Tags: [...request.tags],
        }),
      );
    },
    async snapshot(identifier, snapshot) {
      const { CreateDBSnapshotCommand, DBSnapshotAlreadyExistsFault } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      try {
        await client.send(
          new CreateDBSnapshotCommand({ DBInstanceIdentifier: identifier, DBSnapshotIdentifier: snapshot }),
        );
      } catch (error) {
        if (!(error instanceof DBSnapshotAlreadyExistsFault)) throw error;
      }
    },
    async describeSnapshot(snapshot) {
      const { DBSnapshotNotFoundFault, DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      try {
        const { DBSnapshots } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: snapshot }));
        return DBSnapshots?.[0];
      } catch (error) {
        if (error instanceof DBSnapshotNotFoundFault) return undefined;
        throw error;
      }
    },
    async rename(identifier, to) {
      const { ModifyDBInstanceCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          NewDBInstanceIdentifier: to,
          ApplyImmediately: true,
        }),
      );
    },
    async modify(identifier, change) {
      const { ModifyDBInstanceCommand } = await import('@aws-sdk/client-rds');
      const client = await clients.rds();
      await client.send(
        new ModifyDBInstanceCommand({
          DBInstanceIdentifier: identifier,
          ApplyImmediately: true,
          ...(change.backupRetention === undefined ? {} : { BackupRetentionPeriod: change.backupRetention }),
          ...(change.multiAz === undefined ? {} : { MultiAZ: change.multiAz }),
          ...(change.deletionProtection === undefined ? {} : { DeletionProtection: change.deletionProtection }),
        }),
      );
    },
  };
}

/** Promoted: available, no source, nothing pending. A write is proved separately. */
export const isPromoted = (instance: DBInstance | undefined): boolean =>
  instance?.DBInstanceStatus === 'available' &&
  instance.ReadReplicaSourceDBInstanceIdentifier === undefined &&
  Object.values(instance.PendingModifiedValues ?? {}).every((value) => value === undefined) &&
  (instance.DBParameterGroups ?? []).every(({ ParameterApplyStatus }) => ParameterApplyStatus !== 'applying');

export const isReplica = (instance: DBInstance | undefined): boolean =>
  instance?.ReadReplicaSourceDBInstanceIdentifier !== undefined;

/** A replica that answers and replicates, by RDS's own account. */
export const isReplicating = (instance: DBInstance | undefined): boolean =>
  instance?.DBInstanceStatus === 'available' &&
  isReplica(instance) &&
  (instance.StatusInfos ?? []).some(
    ({ StatusType, Status }) => StatusType === 'read replication' && Status === 'replicating',
  );
