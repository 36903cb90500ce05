/** A snapshot as DescribeDBSnapshots shows it. */

import type { DBSnapshot } from '@aws-sdk/client-rds';
import type { SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import { tagList } from './input.ts';
import { type InstanceRow, rdsTables, type SnapshotRow } from './rows.ts';

export function snapshotShape(core: SandboxCore, row: SnapshotRow): DBSnapshot {
  const { instance } = row;
  const group = instance.subnetGroup === undefined ? undefined : vpcOf(core, instance);
  return {
    DBSnapshotIdentifier: row.id,
    DBSnapshotArn: arnOf(core, row.region, 'snapshot', row.id),
    DBInstanceIdentifier: row.instanceId,
    DbiResourceId: instance.resourceId,
    ...(row.status === 'available' ? { SnapshotCreateTime: new Date(row.createdAt) } : {}),
    OriginalSnapshotCreateTime: new Date(row.createdAt),
    ...(instance.createdAt === undefined ? {} : { InstanceCreateTime: new Date(instance.createdAt) }),
    Engine: instance.engine,
    EngineVersion: instance.engineVersion,
    LicenseModel: 'general-public-license',
    AllocatedStorage: instance.allocatedStorage,
    Status: row.status,
    PercentProgress: row.percent,
    SnapshotType: row.type,
    Port: instance.port,
    AvailabilityZone: instance.zone,
    ...(group === undefined ? {} : { VpcId: group }),
    MasterUsername: instance.masterUser,
    StorageType: String(instance.recorded.StorageType ?? 'gp3'),
    Encrypted: row.encrypted,
    ...(row.kmsKeyId === undefined ? {} : { KmsKeyId: row.kmsKeyId }),
    ...(row.copyOf === undefined
      ? {}
      : { SourceDBSnapshotIdentifier: row.copyOf.arn, SourceRegion: row.copyOf.region }),
    IAMDatabaseAuthenticationEnabled: false,
    ProcessorFeatures: [],
    SnapshotTarget: 'region',
    TagList: tagList(row.tags),
  };
}

function vpcOf(core: SandboxCore, { region, subnetGroup: name }: InstanceRow): string | undefined {
  return name === undefined ? undefined : rdsTables(core, region).subnetGroups.get(name)?.vpcId;
}
