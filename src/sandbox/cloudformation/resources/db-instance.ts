/**
 * AWS::RDS::DBInstance, with what AWS's own handler does to replicas (aws-cloudformation-resource-providers-rds):
 *
 *  1. The declared source decides, not the live one: unchanged it does nothing, removed it promotes, added or changed it replaces.
 *     Any change of SourceRegion replaces, its removal too: a promotion keeps it.
 *  2. An update is done when the instance is available, nothing is pending, and every replication it reports is `replicating`: an
 *     update of a replica whose source is dark never settles.
 *  3. A parameter group that waits for a reboot gets one.
 */

import type { DBInstance, DescribeDBInstancesCommandOutput } from '@aws-sdk/client-rds';
import { AwsError } from '../../contract.ts';
import { validationError } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { isGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

/** Members of all three calls: create, create replica, modify. */
const common = [
  'AllocatedStorage',
  'AutoMinorVersionUpgrade',
  'CACertificateIdentifier',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBParameterGroupName',
  'DeletionProtection',
  'EnableIAMDatabaseAuthentication',
  'EnablePerformanceInsights',
  'Iops',
  'MaxAllocatedStorage',
  'MonitoringInterval',
  'MonitoringRoleArn',
  'MultiAZ',
  'OptionGroupName',
  'PerformanceInsightsKMSKeyId',
  'PerformanceInsightsRetentionPeriod',
  'PubliclyAccessible',
  'StorageThroughput',
  'StorageType',
  'VPCSecurityGroups',
] as const;

/** What creating a replica doesn't take: set once it is available. */
const replicaAfterwards = [
  'BackupRetentionPeriod',
  'DeletionProtection',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
] as const;

const modifiable = [
  ...common,
  'AllowMajorVersionUpgrade',
  'BackupRetentionPeriod',
  'EngineVersion',
  'LicenseModel',
  'MasterUserPassword',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
] as const;

const born = ['AvailabilityZone', 'DBSubnetGroupName', 'KmsKeyId', 'Port'] as const;

export const dbInstance: ResourceType = {
  name: 'AWS::RDS::DBInstance',
  properties: {
    ...(Object.fromEntries(modifiable.map((name) => [name, 'update'])) as Record<string, OnChange>),
    ...(Object.fromEntries(born.map((name) => [name, 'replace'])) as Record<string, OnChange>),
    DBInstanceIdentifier: 'replace',
    DBName: 'replace',
    DeleteAutomatedBackups: 'update',
    EnableCloudwatchLogsExports: 'update',
    Engine: 'replace',
    MasterUsername: 'replace',
    SourceDBInstanceIdentifier: 'update',
    SourceRegion: 'replace',
    StorageEncrypted: 'replace',
    Tags: 'update',
  },
  attributes: ['DBInstanceArn', 'DbiResourceId', 'Endpoint.Address', 'Endpoint.HostedZoneId', 'Endpoint.Port'],
  nameProperty: 'DBInstanceIdentifier',
  tags: 'list',
  snapshots: true,
  defaultDeletionPolicy: () => 'Snapshot',

  replaces({ changed, properties }) {
    const elsewhere = changed.has('SourceDBInstanceIdentifier') && properties.SourceDBInstanceIdentifier !== undefined;
    return elsewhere ? ['SourceDBInstanceIdentifier'] : [];
  },

  async create(properties, context) {
    const id = (textOf(properties.DBInstanceIdentifier) ?? context.physicalName(63, 'lower case')).toLowerCase();
    const replica = properties.SourceDBInstanceIdentifier !== undefined;
    if (replica) refuseInherited(properties);
    const tags = tagList(properties.Tags);
    const operation = replica ? 'CreateDBInstanceReadReplica' : 'CreateDBInstance';
    const members = replica
      ? [...common, ...born, 'EnableCloudwatchLogsExports', 'SourceDBInstanceIdentifier']
      : [
          ...modifiable,
          ...born,
          'DBName',
          'EnableCloudwatchLogsExports',
          'Engine',
          'MasterUsername',
          'StorageEncrypted',
        ];
    await context.call('rds', operation, {
      ...request(
        properties,
        members.filter((name) => name !== 'AllowMajorVersionUpgrade'),
      ),
      DBInstanceIdentifier: id,
      Tags: tags.length > 0 ? tags : undefined,
    });
    context.created(id);
    let instance = await settled(id, context);
    const later = replica ? request(properties, replicaAfterwards) : {};
    if (Object.keys(later).length > 0) {
      await context.call('rds', 'ModifyDBInstance', { DBInstanceIdentifier: id, ApplyImmediately: true, ...later });
      instance = await settled(id, context);
    }
    return { id, attributes: attributesOf(instance) };
  },

  async update(change, context) {
    const { id, changed, previous, properties } = change;
    await settled(id, context);
    if (changed.has('SourceDBInstanceIdentifier') && properties.SourceDBInstanceIdentifier === undefined) {
      await context.call('rds', 'PromoteReadReplica', {
        DBInstanceIdentifier: id,
        ...pick(properties, ['BackupRetentionPeriod', 'PreferredBackupWindow']),
      });
      await promoted(id, context);
    }
    const modified = modifiable.filter((name) => changed.has(name) && properties[name] !== undefined);
    const exports = logExports(previous, properties, changed);
    if (modified.length > 0 || exports !== undefined) {
      await context.call('rds', 'ModifyDBInstance', {
        DBInstanceIdentifier: id,
        ApplyImmediately: true,
        ...request(properties, modified),
        CloudwatchLogsExportConfiguration: exports,
      });
    }
    let instance = await settled(id, context);
    if (instance.DBParameterGroups?.some(({ ParameterApplyStatus }) => ParameterApplyStatus === 'pending-reboot')) {
      await context.call('rds', 'RebootDBInstance', { DBInstanceIdentifier: id });
      instance = await settled(id, context);
    }
    const arn = instance.DBInstanceArn ?? '';
    await syncTags(change, {
      add: (Tags) => context.call('rds', 'AddTagsToResource', { ResourceName: arn, Tags }),
      remove: (TagKeys) => context.call('rds', 'RemoveTagsFromResource', { ResourceName: arn, TagKeys }),
    });
    return { attributes: attributesOf(instance) };
  },

  async delete({ id, properties, snapshot }, context) {
    const instance = await described(id, context);
    if (instance === undefined) return;
    // A replica takes no final snapshot, whatever its policy says.
    const keep = snapshot && instance.ReadReplicaSourceDBInstanceIdentifier === undefined;
    if (instance.DBInstanceStatus !== 'deleting') {
      await context.call('rds', 'DeleteDBInstance', {
        DBInstanceIdentifier: id,
        SkipFinalSnapshot: !keep,
        FinalDBSnapshotIdentifier: keep ? snapshotName(context) : undefined,
        ...pick(properties, ['DeleteAutomatedBackups']),
      });
    }
    await context.until(`deletion of ${id}`, async () => (await described(id, context)) === undefined, 180);
  },
};

/** What a replica has from its source can't be declared for it. */
function refuseInherited(properties: JsonObject): void {
  const given = ['DBName', 'EngineVersion', 'MasterUsername', 'MasterUserPassword'].filter(
    (name) => properties[name] !== undefined,
  );
  if (given.length > 0) throw validationError(`A read replica takes ${given.join(', ')} from its source: leave it out`);
  const source = asText(properties.SourceDBInstanceIdentifier);
  const named = source.startsWith('arn:') ? source.split(':')[3] : undefined;
  if (named !== undefined && properties.SourceRegion !== undefined && properties.SourceRegion !== named) {
    throw validationError(`SourceRegion ${asText(properties.SourceRegion)} is not the Region of ${source}`);
  }
}

/** Letters, digits and single hyphens. */
const snapshotName = (context: ResourceContext): string =>
  context.physicalName(200, 'lower case').replace(/-/, '-snapshot-').replace(/--+/g, '-');

const request = (properties: JsonObject, names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(pick(properties, names)).map(([name, value]) => [
      name === 'VPCSecurityGroups' ? 'VpcSecurityGroupIds' : name,
      value,
    ]),
  );

function logExports(before: JsonObject, now: JsonObject, changed: ReadonlySet<string>): object | undefined {
  if (!changed.has('EnableCloudwatchLogsExports')) return undefined;
  const names = (source: JsonObject) => (source.EnableCloudwatchLogsExports ?? []) as readonly string[];
  return {
    EnableLogTypes: names(now).filter((name) => !names(before).includes(name)),
    DisableLogTypes: names(before).filter((name) => !names(now).includes(name)),
  };
}

const attributesOf = ({ DBInstanceArn, DbiResourceId, Endpoint }: DBInstance): JsonObject => ({
  DBInstanceArn: DBInstanceArn ?? '',
  DbiResourceId: DbiResourceId ?? '',
  'Endpoint.Address': Endpoint?.Address ?? '',
  'Endpoint.HostedZoneId': Endpoint?.HostedZoneId ?? '',
  'Endpoint.Port': String(Endpoint?.Port ?? ''),
});

async function described(id: string, { call }: ResourceContext): Promise<DBInstance | undefined> {
  try {
    const answer = await call<DescribeDBInstancesCommandOutput>('rds', 'DescribeDBInstances', {
      DBInstanceIdentifier: id,
    });
    return answer.DBInstances?.[0];
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

const failed = /^(failed|incompatible-.*|inaccessible-encryption-credentials.*|insufficient-capacity|storage-full)$/;

const settled = (id: string, context: ResourceContext): Promise<DBInstance> =>
  context.until(
    `database ${id}`,
    async () => {
      const instance = await described(id, context);
      if (instance === undefined) throw new AwsError('NotStabilized', `DBInstance ${id} not found`);
      const status = instance.DBInstanceStatus ?? '';
      if (failed.test(status)) throw new AwsError('NotStabilized', `DBInstance ${id} is in state ${status}`);
      return isSettled(instance) ? instance : undefined;
    },
    // AWS's handler waits up to 36 hours in its long configuration; a replica of 100 GB may take four.
    2160,
  );

/** The reading right after the call may still say `available` with the source in place. */
const promoted = (id: string, context: ResourceContext): Promise<DBInstance> =>
  context.until(
    `promotion of ${id}`,
    async () => {
      const instance = await described(id, context);
      const standalone = instance !== undefined && instance.ReadReplicaSourceDBInstanceIdentifier === undefined;
      return standalone && isSettled(instance) ? instance : undefined;
    },
    2160,
  );

const isSettled = (instance: DBInstance): boolean =>
  instance.DBInstanceStatus === 'available' &&
  Object.values(instance.PendingModifiedValues ?? {}).every((value) => value === undefined) &&
  (instance.StatusInfos ?? []).every(
    ({ StatusType, Status }) => StatusType !== 'read replication' || Status === 'replicating',
  ) &&
  (instance.DBParameterGroups ?? []).every(({ ParameterApplyStatus }) => ParameterApplyStatus !== 'applying') &&
  (instance.VpcSecurityGroups ?? []).every(({ Status }) => Status === undefined || Status === 'active');
