/**
 * Automated backups: one per instance that keeps any, under its resource id. They go with the instance, unless the deletion says that they
 * stay; then they are kept, without growing, until each snapshot is as old as they were kept before.
 *
 * Source: RDS User Guide, "Retaining automated backups". Restoring to a point in time isn't served.
 */

import type {
  DBInstanceAutomatedBackup,
  DeleteDBInstanceAutomatedBackupCommandInput,
  DescribeDBInstanceAutomatedBackupsCommandInput,
} from '@aws-sdk/client-rds';
import { AwsError, type Call, operation, type SandboxCore } from '../../contract.ts';
import { arnOf } from './arns.ts';
import { dropBackupsOf } from './automated-snapshots.ts';
import type { Rds } from './context.ts';
import { refuseOthers } from './input.ts';
import { matching, page } from './pages.ts';
import { type InstanceRow, rdsTables } from './rows.ts';

const day = 86_400_000;

export const automatedBackupOperations = (rds: Rds) => ({
  DescribeDBInstanceAutomatedBackups: operation(
    (input: DescribeDBInstanceAutomatedBackupsCommandInput, { region }) => {
      refuseOthers('DescribeDBInstanceAutomatedBackups', input, [
        'DbiResourceId',
        'DBInstanceIdentifier',
        'Filters',
        'MaxRecords',
        'Marker',
      ]);
      const { DbiResourceId: resource, DBInstanceIdentifier: id } = input;
      const wanted = automatedBackups(rds.core, region).filter(
        (one) =>
          (resource === undefined || one.DbiResourceId === resource) &&
          (id === undefined || one.DBInstanceIdentifier === id.toLowerCase()),
      );
      const filtered = matching(wanted, input.Filters, {
        status: ({ Status = '' }) => [Status],
        'db-instance-id': ({ DBInstanceIdentifier = '', DBInstanceArn = '' }) => [DBInstanceIdentifier, DBInstanceArn],
        'dbi-resource-id': ({ DbiResourceId = '' }) => [DbiResourceId],
      });
      const { rows, marker } = page(filtered, input);
      return { DBInstanceAutomatedBackups: rows, ...(marker === undefined ? {} : { Marker: marker }) };
    },
    (_, call) => [
      { action: 'rds:DescribeDBInstanceAutomatedBackups', resource: backupArn(rds.core, call.region, '*') },
    ],
  ),
  DeleteDBInstanceAutomatedBackup: operation(
    (input: DeleteDBInstanceAutomatedBackupCommandInput, call) => remove(rds, call, input),
    ({ DbiResourceId = '*' }: DeleteDBInstanceAutomatedBackupCommandInput, call) => [
      { action: 'rds:DeleteDBInstanceAutomatedBackup', resource: backupArn(rds.core, call.region, DbiResourceId) },
    ],
  ),
});

/** What is left of a deleted instance's automated backups, when they are to stay. */
export function retainBackups(core: SandboxCore, row: InstanceRow): void {
  if (row.backupRetention === 0) return;
  rdsTables(core, row.region).retainedBackups.put(row.resourceId, { instance: row, deletedAt: core.clock.now() });
}

function remove(rds: Rds, call: Call, input: DeleteDBInstanceAutomatedBackupCommandInput) {
  refuseOthers('DeleteDBInstanceAutomatedBackup', input, ['DbiResourceId']);
  const { DbiResourceId: id = '' } = input;
  const { core } = rds;
  const found = automatedBackups(core, call.region).find((one) => one.DbiResourceId === id);
  if (found === undefined) {
    throw new AwsError('DBInstanceAutomatedBackupNotFound', `The automated backup ${id} was not found.`, {
      status: 404,
    });
  }
  if (found.Status !== 'retained') {
    throw new AwsError(
      'InvalidDBInstanceAutomatedBackupState',
      `The automated backup ${id} is ${found.Status}: only the backups of a deleted instance can be deleted.`,
    );
  }
  rdsTables(core, call.region).retainedBackups.delete(id);
  dropBackupsOf(rds, { region: call.region, resourceId: id });
  return { DBInstanceAutomatedBackup: { ...found, Status: 'deleting' } };
}

function automatedBackups(core: SandboxCore, region: string): DBInstanceAutomatedBackup[] {
  const { instances, retainedBackups } = rdsTables(core, region);
  const now = core.clock.now();
  const live = instances
    .values()
    .filter(({ backupRetention }) => backupRetention > 0)
    .map((row) =>
      backupShape(
        core,
        row,
        row.lastBackupAt === undefined ? 'creating' : 'active',
        Math.max(row.lastBackupAt ?? 0, row.logsKeptAt ?? 0),
      ),
    );
  const retained = retainedBackups
    .values()
    .filter(({ instance, deletedAt }) => now < deletedAt + instance.backupRetention * day)
    .map(({ instance, deletedAt }) => backupShape(core, instance, 'retained', deletedAt));
  return [...live, ...retained];
}

function backupShape(core: SandboxCore, row: InstanceRow, status: string, latest: number): DBInstanceAutomatedBackup {
  const snapshots = rdsTables(core, row.region).snapshots.values();
  const own = snapshots.filter(
    ({ type, status, copyOf, instance }) =>
      type === 'automated' && status === 'available' && copyOf === undefined && instance.resourceId === row.resourceId,
  );
  const earliest = Math.min(latest, ...own.map(({ createdAt }) => createdAt));
  return {
    DBInstanceIdentifier: row.id,
    DBInstanceArn: arnOf(core, row.region, 'db', row.id),
    DbiResourceId: row.resourceId,
    DBInstanceAutomatedBackupsArn: backupArn(core, row.region, `ab-${row.resourceId.slice(3).toLowerCase()}`),
    Region: row.region,
    Status: status,
    ...(row.lastBackupAt === undefined
      ? {}
      : { RestoreWindow: { EarliestTime: new Date(earliest), LatestTime: new Date(latest) } }),
    BackupRetentionPeriod: row.backupRetention,
    AllocatedStorage: row.allocatedStorage,
    Engine: row.engine,
    EngineVersion: row.engineVersion,
    MasterUsername: row.masterUser,
    Port: row.port,
    AvailabilityZone: row.zone,
    Encrypted: row.encrypted,
    ...(row.kmsKeyId === undefined ? {} : { KmsKeyId: row.kmsKeyId }),
    ...(row.createdAt === undefined ? {} : { InstanceCreateTime: new Date(row.createdAt) }),
    IAMDatabaseAuthenticationEnabled: false,
    BackupTarget: 'region',
  };
}

const backupArn = (core: SandboxCore, region: string, name: string): string =>
  `arn:aws:rds:${region}:${core.account}:auto-backup:${name}`;
