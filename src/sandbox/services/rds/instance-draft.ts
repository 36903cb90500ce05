/** A new instance's row, from what a request says and what RDS adds: shared by create, replica and restore. */

import type { CreateDBInstanceCommandInput } from '@aws-sdk/client-rds';
import { AwsError, globalScope, type SandboxCore } from '../../contract.ts';
import type { Rds } from './context.ts';
import type { EngineVersion } from './engines.ts';
import { invalidCombination } from './errors.ts';
import { identifier, integer, recordedFrom, refusePublic, tagsFrom } from './input.ts';
import { findInstance } from './lookups.ts';
import { checkClass, zoneFor } from './offered-classes.ts';
import { parameterGroup } from './parameter-groups.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { subnetGroup } from './subnet-groups.ts';
import { anyBackupWindow, anyMaintenanceWindow, checkBackupWindow, checkMaintenanceWindow } from './windows.ts';

/** Source: RDS User Guide, "Quotas and constraints"; `limits.rds` of facts/aws-model.json. */
export const mostInstances = 40;

/** The members all three ways of making an instance have in common. */
export type CommonInput = Partial<
  Pick<
    CreateDBInstanceCommandInput,
    | 'AvailabilityZone'
    | 'DBInstanceIdentifier'
    | 'DBParameterGroupName'
    | 'DBSubnetGroupName'
    | 'DeletionProtection'
    | 'CopyTagsToSnapshot'
    | 'MultiAZ'
    | 'PreferredBackupWindow'
    | 'PreferredMaintenanceWindow'
    | 'PubliclyAccessible'
    | 'Tags'
    | 'VpcSecurityGroupIds'
  >
>;

/** What the caller has worked out beforehand. */
export type Decided = Pick<
  InstanceRow,
  | 'allocatedStorage'
  | 'backupRetention'
  | 'databaseName'
  | 'encrypted'
  | 'kmsKeyId'
  | 'masterUser'
  | 'parameterGroup'
  | 'source'
> & { readonly version: EngineVersion; readonly class: string; readonly port: number };

export async function draftInstance(
  { core }: Rds,
  region: string,
  input: CommonInput,
  decided: Decided,
): Promise<InstanceRow> {
  const id = identifier('DBInstanceIdentifier', input.DBInstanceIdentifier);
  if (findInstance(core, region, id) !== undefined) {
    throw new AwsError('DBInstanceAlreadyExists', `DB instance already exists: ${id}`);
  }
  if (rdsTables(core, region).instances.size >= mostInstances) {
    throw new AwsError('InstanceQuotaExceeded', `DB instance quota exceeded: ${mostInstances} instances in ${region}.`);
  }
  refusePublic(input.PubliclyAccessible);
  const { version, class: instanceClass, ...rest } = decided;
  checkClass(core, region, version, instanceClass);
  integer('Port', decided.port, 1150, 65_535);
  const group = parameterGroup(core, region, decided.parameterGroup.name);
  if (group.family !== `${version.engine}${version.major}`) {
    throw invalidCombination(
      `The Parameter Group ${group.name} with DBParameterGroupFamily ${group.family} cannot be used for this instance. ` +
        `Please use a Parameter Group with DBParameterGroupFamily ${version.engine}${version.major}`,
    );
  }
  const subnets =
    input.DBSubnetGroupName === undefined ? undefined : subnetGroup(core, region, input.DBSubnetGroupName);
  const allowed = subnets?.subnets.map((subnet) => subnet.zone) ?? [`${region}a`];
  const zone = zoneFor(core, region, decided, { asked: input.AvailabilityZone, allowed });
  const securityGroups = input.VpcSecurityGroupIds ?? (await defaultSecurityGroups(core, region, subnets?.vpcId));
  // After the last await: two requests at once must not both find the name free.
  if (findInstance(core, region, id) !== undefined) {
    throw new AwsError('DBInstanceAlreadyExists', `DB instance already exists: ${id}`);
  }
  return {
    ...rest,
    id,
    region,
    resourceId: `db-${core.ids.hex(26).toUpperCase()}`,
    serverId: nextServerId(core),
    status: 'creating',
    busy: undefined,
    engine: version.engine,
    engineVersion: version.version,
    class: instanceClass,
    createdAt: undefined,
    backupWindow: input.PreferredBackupWindow
      ? checkBackupWindow(input.PreferredBackupWindow)
      : anyBackupWindow(core.random),
    lastBackupAt: undefined,
    maintenanceWindow: input.PreferredMaintenanceWindow
      ? checkMaintenanceWindow(input.PreferredMaintenanceWindow)
      : anyMaintenanceWindow(core.random),
    multiAz: input.MultiAZ ?? false,
    zone,
    subnetGroup: subnets?.name,
    securityGroups,
    deletionProtection: input.DeletionProtection ?? false,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    tags: tagsFrom(input.Tags),
    follows: decided.source !== undefined,
    replicas: [],
    replication: undefined,
    pending: {},
    deferred: {},
    recorded: recordedFrom(input),
    address: core.network.allocate(region),
    up: false,
    open: false,
    logs: [],
  };
}

/** Part of every GTID, so never given twice in a sandbox. */
function nextServerId(core: SandboxCore): number {
  const counters = core.table<number>('rds', globalScope, 'counters');
  return counters.put('server-id', (counters.get('server-id') ?? 1000) + 1);
}

/** Without groups of its own an instance gets its VPC's default one. */
async function defaultSecurityGroups(core: SandboxCore, region: string, vpcId: string | undefined): Promise<string[]> {
  if (vpcId === undefined) return [];
  const answer = await core.invoke<{ SecurityGroups?: { GroupId?: string }[] }>({
    service: 'ec2',
    operation: 'DescribeSecurityGroups',
    region,
    input: {
      Filters: [
        { Name: 'vpc-id', Values: [vpcId] },
        { Name: 'group-name', Values: ['default'] },
      ],
    },
    principal: core.as('rds'),
  });
  return (answer.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []);
}
