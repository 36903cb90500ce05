/** Creating and listing instances. */

import type {
  CreateDBInstanceCommandInput,
  DescribeDBInstancesCommandInput,
  DescribeDBInstancesCommandOutput,
} from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import type { Owner } from '../../databases/database.ts';
import { arnOf, nameOrArn } from './arns.ts';
import { backupStep } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { creation } from './durations.ts';
import { newEncryption } from './encryption.ts';
import { chooseVersion, defaultParameterGroup, familyOf } from './engines.ts';
import { invalidCombination, invalidValue } from './errors.ts';
import { tell } from './events.ts';
import { integer, masterUser, password, recordedMembers, refuseOthers, retention } from './input.ts';
import { draftInstance } from './instance-draft.ts';
import { instanceShape } from './instance-shape.ts';
import { needInstance } from './lookups.ts';
import { matching, page } from './pages.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { changeKind, type Planned } from './workflow.ts';

const defaultPort = 3306;

const createMembers = [
  'AllocatedStorage',
  'AvailabilityZone',
  'BackupRetentionPeriod',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBName',
  'DBParameterGroupName',
  'DBSubnetGroupName',
  'DeletionProtection',
  'Engine',
  'EngineVersion',
  'KmsKeyId',
  'MasterUserPassword',
  'MasterUsername',
  'MultiAZ',
  'Port',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'PubliclyAccessible',
  'StorageEncrypted',
  'Tags',
  'VpcSecurityGroupIds',
];

export async function createInstance(rds: Rds, call: Call, input: CreateDBInstanceCommandInput): Promise<InstanceRow> {
  refuseOthers('CreateDBInstance', input, createMembers, recordedMembers);
  const { core } = rds;
  const version = chooseVersion(input.Engine, input.EngineVersion);
  if (input.DBInstanceClass === undefined) throw invalidValue('The parameter DBInstanceClass must be provided.');
  if (input.AllocatedStorage === undefined) throw invalidCombination('Requesting a storage size is required.');
  const owner = { user: masterUser(input.MasterUsername), password: password(input.MasterUserPassword) };
  const database = databaseName(input.DBName);
  const drafted = await draftInstance(rds, call.region, input, {
    ...(await newEncryption(core, call, input)),
    version,
    class: input.DBInstanceClass,
    port: input.Port ?? defaultPort,
    allocatedStorage: integer('AllocatedStorage', input.AllocatedStorage, 20, 65_536),
    backupRetention: retention(input.BackupRetentionPeriod ?? 1),
    databaseName: database,
    masterUser: owner.user,
    parameterGroup: {
      name: (input.DBParameterGroupName ?? defaultParameterGroup(familyOf(version))).toLowerCase(),
      status: 'in-sync',
      rebootNeeded: false,
    },
    source: undefined,
  });
  // The master's password is pending until the server runs: RDS API reference, the sample answer of CreateDBInstance.
  const row: InstanceRow = { ...drafted, pending: { MasterUserPassword: '****' } };
  rdsTables(core, call.region).instances.put(row.resourceId, row);
  creationChange.begin(rds, row, database === undefined ? owner : { ...owner, database });
  return row;
}

export const creationChange = changeKind('creation', (rds, row, owner: Owner) =>
  life(rds, row, rds.core.timing.milliseconds('rds_create_instance_single_az'), async () => {
    await rds.fleet.database(row).stop();
    await rds.fleet.database(row).create(owner);
    await rds.fleet.start(row);
  }),
);

/** `creating`, a first backup where backups are on, then available: the common end of create and restore. */
export function life(rds: Rds, row: InstanceRow, whole: number, work: () => Promise<void>): Planned {
  const { creating, backingUp } = creation(whole, row.backupRetention > 0);
  const open = {
    status: 'creating',
    lasting: 0,
    work: () => rds.fleet.openDoor(row),
    after: (now: InstanceRow): InstanceRow => {
      tell(rds.core, now, 'created');
      return { ...now, createdAt: rds.core.clock.now(), pending: {} };
    },
  };
  const backup = backupStep(rds, row, backingUp);
  const first = { status: 'creating', lasting: creating, work };
  return { steps: [first, open, ...(row.backupRetention > 0 ? [backup] : [])] };
}

export function describeInstances(
  { core }: Rds,
  region: string,
  input: DescribeDBInstancesCommandInput,
): Omit<DescribeDBInstancesCommandOutput, '$metadata'> {
  refuseOthers('DescribeDBInstances', input, ['DBInstanceIdentifier', 'Filters', 'MaxRecords', 'Marker']);
  const named = input.DBInstanceIdentifier;
  const rows =
    named === undefined
      ? rdsTables(core, region)
          .instances.values()
          .sort((one, other) => (one.id < other.id ? -1 : 1))
      : [needInstance(core, region, nameOrArn(core, region, 'db', named).name)];
  const wanted = matching(rows, input.Filters, {
    'db-instance-id': (row) => [row.id, arnOf(core, region, 'db', row.id)],
    'dbi-resource-id': (row) => [row.resourceId],
    engine: (row) => [row.engine],
    'db-cluster-id': () => [],
  });
  const { rows: shown, marker } = page(wanted, input);
  return {
    DBInstances: shown.map((row) => instanceShape(core, row)),
    ...(marker === undefined ? {} : { Marker: marker }),
  };
}

function databaseName(given: string | undefined): string | undefined {
  if (given === undefined || /^[A-Za-z]\w{0,63}$/.test(given)) return given;
  throw invalidValue(
    'DBName must begin with a letter and contain only alphanumeric characters and underscores, at most 64.',
  );
}
