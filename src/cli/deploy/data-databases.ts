/** A workload's databases and their snapshots in one Region: the one in use, and those a failback kept. */

import type { DBInstance } from '@aws-sdk/client-rds';
import { sleep, wallClock } from '../../kernel/clock.ts';
import type { DataItem, DataPlace } from './data.ts';

export async function databasesIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const { paginateDescribeDBInstances } = await import('@aws-sdk/client-rds');
  const client = await clients.rds();
  const found: DBInstance[] = [];
  for await (const page of paginateDescribeDBInstances({ client }, {})) found.push(...(page.DBInstances ?? []));
  return found
    .filter(({ DBInstanceIdentifier: id = '' }) => id === names.database || id.startsWith(`${names.database}-kept-e`))
    .map(({ AllocatedStorage, DBInstanceClass, DBInstanceIdentifier: id = '', MultiAZ }) => ({
      kind: 'database',
      region,
      id,
      cost: `${DBInstanceClass}${MultiAZ ? ', Multi-AZ' : ''} by the hour, ${AllocatedStorage} GiB of storage and its backups`,
      remove: () => removeDatabase(clients, id),
    }));
}

/** Automated backups and snapshots of other names aren't the tool's: they stay. */
export async function snapshotsIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const { DeleteDBSnapshotCommand, DescribeDBSnapshotsCommand } = await import('@aws-sdk/client-rds');
  const client = await clients.rds();
  const { DBSnapshots = [] } = await client.send(new DescribeDBSnapshotsCommand({ SnapshotType: 'manual' }));
  return DBSnapshots.filter(({ DBSnapshotIdentifier: id = '' }) => id.startsWith(`${names.database}-kept-e`)).map(
    ({ AllocatedStorage, DBSnapshotIdentifier: id = '' }) => ({
      kind: 'database snapshot',
      region,
      id,
      cost: `up to ${AllocatedStorage} GiB of backup storage`,
      async remove() {
        await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: id }));
      },
    }),
  );
}

async function removeDatabase(clients: DataPlace['clients'], DBInstanceIdentifier: string): Promise<void> {
  const sdk = await import('@aws-sdk/client-rds');
  const client = await clients.rds();
  const described = async (): Promise<DBInstance | undefined> => {
    try {
      const asked = new sdk.DescribeDBInstancesCommand({ DBInstanceIdentifier });
      return (await client.send(asked)).DBInstances?.[0];
    } catch (error) {
      if (error instanceof sdk.DBInstanceNotFoundFault) return undefined;
      throw error;
    }
  };
  for (;;) {
    const found = await described();
    if (found === undefined) return;
    // Only a database at rest takes either; what is under way is waited for.
    if (found.DBInstanceStatus === 'available' && found.DeletionProtection === true) {
      await client.send(
        new sdk.ModifyDBInstanceCommand({ DBInstanceIdentifier, DeletionProtection: false, ApplyImmediately: true }),
      );
    } else if (found.DBInstanceStatus !== 'deleting' && found.DeletionProtection !== true) {
      await client
        .send(
          new sdk.DeleteDBInstanceCommand({
            DBInstanceIdentifier,
            SkipFinalSnapshot: true,
            DeleteAutomatedBackups: true,
          }),
        )
        .catch((error: unknown) => {
          if (!(error instanceof sdk.InvalidDBInstanceStateFault)) throw error;
        });
    }
    await sleep(wallClock, 2000);
  }
}
