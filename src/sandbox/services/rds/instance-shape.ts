/** An instance as DescribeDBInstances shows it. */

import type { DBInstance, DBInstanceStatusInfo } from '@aws-sdk/client-rds';
import type { SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import { endpointName } from './endpoint-name.ts';
import { chooseVersion, defaultOptionGroup } from './engines.ts';
import { tagList } from './input.ts';
import { instanceAt } from './lookups.ts';
import { type InstanceRef, type InstanceRow, rdsTables } from './rows.ts';
import { subnetGroupShape } from './subnet-groups.ts';

/** The hosted zone of RDS's names, for alias records. */
const hostedZone = 'Z2R2ITUGPM61AM';

export function instanceShape(core: SandboxCore, row: InstanceRow): DBInstance {
  const group =
    row.subnetGroup === undefined ? undefined : rdsTables(core, row.region).subnetGroups.get(row.subnetGroup);
  const source = row.source === undefined ? undefined : (nameFrom(core, row, row.source) ?? row.sourceWas);
  const optionGroup = row.recorded.OptionGroupName ?? defaultOptionGroup(chooseVersion(row.engine, row.engineVersion));
  return {
    ...shownAsGiven(row),
    DBInstanceIdentifier: row.id,
    DBInstanceArn: arnOf(core, row.region, 'db', row.id),
    DbiResourceId: row.resourceId,
    DBInstanceStatus: row.status,
    DBInstanceClass: row.class,
    Engine: row.engine,
    EngineVersion: row.engineVersion,
    AllocatedStorage: row.allocatedStorage,
    MasterUsername: row.masterUser,
    ...(row.databaseName === undefined ? {} : { DBName: row.databaseName }),
    ...(row.createdAt === undefined
      ? {}
      : {
          InstanceCreateTime: new Date(row.createdAt),
          Endpoint: { Address: endpointName(core.account, row), Port: row.port, HostedZoneId: hostedZone },
        }),
    DbInstancePort: 0,
    BackupRetentionPeriod: row.backupRetention,
    PreferredBackupWindow: row.backupWindow,
    PreferredMaintenanceWindow: row.maintenanceWindow,
    ...latestRestorable(row),
    MultiAZ: row.multiAz,
    AvailabilityZone: row.zone,
    ...(row.multiAz ? { SecondaryAvailabilityZone: otherZoneOf(core, row) } : {}),
    ...(group === undefined ? {} : { DBSubnetGroup: subnetGroupShape(core, row.region, group) }),
    DBSecurityGroups: [],
    VpcSecurityGroups: row.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    DBParameterGroups: [
      { DBParameterGroupName: row.parameterGroup.name, ParameterApplyStatus: row.parameterGroup.status },
    ],
    OptionGroupMemberships: [{ OptionGroupName: String(optionGroup), Status: 'in-sync' }],
    PendingModifiedValues: row.pending,
    ...(source === undefined ? {} : { ReadReplicaSourceDBInstanceIdentifier: source }),
    ReadReplicaDBInstanceIdentifiers: row.replicas.flatMap((replica) => nameFrom(core, row, replica) ?? []),
    StatusInfos: statusInfos(row),
    PubliclyAccessible: false,
    StorageEncrypted: row.encrypted,
    ...(row.kmsKeyId === undefined ? {} : { KmsKeyId: row.kmsKeyId }),
    DeletionProtection: row.deletionProtection,
    CopyTagsToSnapshot: row.copyTagsToSnapshot,
    IAMDatabaseAuthenticationEnabled: false,
    DomainMemberships: [],
    AssociatedRoles: [],
    TagList: tagList(row.tags),
  };
}

const defaultsShown = {
  AutoMinorVersionUpgrade: true,
  BackupTarget: 'region',
  CACertificateIdentifier: 'rds-ca-rsa2048-g1',
  MonitoringInterval: 0,
  NetworkType: 'IPV4',
  StorageType: 'gp3',
  DedicatedLogVolume: false,
};

/** Recorded members come back under their own names, but for three that RDS calls something else. */
function shownAsGiven(row: InstanceRow): DBInstance {
  const {
    EnableCloudwatchLogsExports: logs,
    EnablePerformanceInsights: insights = false,
    OptionGroupName: _,
    ...same
  } = row.recorded;
  const shown = {
    ...defaultsShown,
    LicenseModel: 'general-public-license',
    ...same,
    PerformanceInsightsEnabled: insights,
    ...(logs === undefined ? {} : { EnabledCloudwatchLogsExports: logs }),
  };
  return shown as DBInstance;
}

/** Within a Region by name, across Regions by ARN; nothing once the other is gone. */
export function nameFrom(core: SandboxCore, row: InstanceRow, ref: InstanceRef): string | undefined {
  const other = instanceAt(core, ref);
  if (other === undefined) return undefined;
  return other.region === row.region ? other.id : arnOf(core, other.region, 'db', other.id);
}

/** Up to where backups and the binary logs kept with them reach: about five minutes ago, while it runs. */
function latestRestorable({ lastBackupAt, logsKeptAt = 0, backupRetention }: InstanceRow): DBInstance {
  if (lastBackupAt === undefined || backupRetention === 0) return {};
  return { LatestRestorableTime: new Date(Math.max(lastBackupAt, logsKeptAt)) };
}

function statusInfos({ source, replication }: InstanceRow): DBInstanceStatusInfo[] {
  if (source === undefined || replication === undefined) return [];
  const { status, message } = replication;
  return [
    {
      StatusType: 'read replication',
      Status: status,
      Normal: status === 'replicating',
      ...(message === '' ? {} : { Message: message }),
    },
  ];
}

/** Where the standby of a Multi-AZ instance is. */
export function otherZoneOf(core: SandboxCore, { zone, region, subnetGroup }: InstanceRow): string {
  const group = subnetGroup === undefined ? undefined : rdsTables(core, region).subnetGroups.get(subnetGroup);
  const other = group?.subnets.find((one) => one.zone !== zone)?.zone;
  return other ?? (zone === `${region}a` ? `${region}b` : `${region}a`);
}
