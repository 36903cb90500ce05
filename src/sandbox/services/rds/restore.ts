/** Restoring a snapshot into a new instance. Its accounts and passwords are those of the snapshot; its history goes on from there. */

import type { RestoreDBInstanceFromDBSnapshotCommandInput } from '@aws-sdk/client-rds';
import type { Call } from '../../contract.ts';
import type { Backup } from '../../databases/database.ts';
import { nameOrArn } from './arns.ts';
import type { Rds } from './context.ts';
import { restoring } from './durations.ts';
import { chooseVersion, defaultParameterGroup, familyOf } from './engines.ts';
import { invalidCombination, invalidValue } from './errors.ts';
import { tell } from './events.ts';
import { recordedFrom, recordedMembers, refuseOthers, retention } from './input.ts';
import { draftInstance } from './instance-draft.ts';
import { life } from './instances.ts';
import { needUsableKey } from './keys.ts';
import { type InstanceRow, rdsTables } from './rows.ts';
import { needSnapshot, notAvailable } from './snapshots.ts';
import { changeKind } from './workflow.ts';

const members = [
  'AllocatedStorage',
  'AvailabilityZone',
  'BackupRetentionPeriod',
  'CopyTagsToSnapshot',
  'DBInstanceClass',
  'DBInstanceIdentifier',
  'DBParameterGroupName',
  'DBSnapshotIdentifier',
  'DBSubnetGroupName',
  'DeletionProtection',
  'Engine',
  'MultiAZ',
  'Port',
  'PreferredBackupWindow',
  'PubliclyAccessible',
  'Tags',
  'VpcSecurityGroupIds',
];

export async function restoreInstance(
  rds: Rds,
  call: Call,
  input: RestoreDBInstanceFromDBSnapshotCommandInput,
): Promise<InstanceRow> {
  refuseOthers('RestoreDBInstanceFromDBSnapshot', input, members, recordedMembers);
  const { core } = rds;
  if (input.DBSnapshotIdentifier === undefined)
    throw invalidValue('The parameter DBSnapshotIdentifier must be provided.');
  const named = nameOrArn(core, call.region, 'snapshot', input.DBSnapshotIdentifier);
  if (named.region !== call.region)
    throw invalidValue('A snapshot can only be restored in its own Region: copy it first.');
  const snapshot = needSnapshot(core, call.region, named.name);
  const { backup, instance } = snapshot;
  if (snapshot.status !== 'available' || backup === undefined) throw notAvailable(snapshot);
  await needUsableKey(core, snapshot);
  const version = chooseVersion(instance.engine, instance.engineVersion);
  if (input.Engine !== undefined && input.Engine !== version.engine) {
    throw invalidCombination(`The snapshot's engine is ${version.engine}, not ${input.Engine}.`);
  }
  const drafted = await draftInstance(rds, call.region, input, {
    version,
    class: input.DBInstanceClass ?? instance.class,
    port: input.Port ?? instance.port,
    allocatedStorage: Math.max(input.AllocatedStorage ?? 0, instance.allocatedStorage),
    backupRetention: retention(input.BackupRetentionPeriod ?? instance.backupRetention),
    databaseName: instance.databaseName,
    masterUser: instance.masterUser,
    encrypted: snapshot.encrypted,
    kmsKeyId: snapshot.kmsKeyId,
    parameterGroup: {
      name: (input.DBParameterGroupName ?? defaultParameterGroup(familyOf(version))).toLowerCase(),
      status: 'in-sync',
      rebootNeeded: false,
    },
    source: undefined,
  });
  const row: InstanceRow = { ...drafted, recorded: { ...instance.recorded, ...recordedFrom(input) } };
  rdsTables(core, call.region).instances.put(row.resourceId, row);
  tell(core, { kind: 'snapshot', region: call.region, id: snapshot.id }, 'restoredFromSnapshot', snapshot.id);
  restoreChange.begin(rds, row, backup);
  return row;
}

export const restoreChange = changeKind('restore', (rds, row, backup: Backup) =>
  life(rds, row, restoring(rds.core.timing, row.allocatedStorage), async () => {
    const database = rds.fleet.database(row);
    await database.stop();
    await database.restore(backup);
    await rds.fleet.start(row);
    await database.continueFrom(backup.position);
  }),
);
