/** What else holds a workload's data in one Region: the state table, secrets, keys, images, parameters. */

import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb';
import { imagesOf } from '../../engines/images/images.ts';
import { sleep, wallClock } from '../../kernel/clock.ts';
import type { DataItem, DataPlace } from './data.ts';

/** With a witness Region the table spans three: it is listed once, and goes with all of them. */
export async function tableIn(place: DataPlace): Promise<DataItem[]> {
  const { clients, names, region, side } = place;
  if (side === 'primary') return [];
  if ((await describedTable(await clients.dynamoDb(), names.table)) === undefined) return [];
  return [
    {
      kind: 'state table',
      region,
      id: names.table,
      cost: 'its few items and their point-in-time recovery: cents',
      remove: () => removeTable(place),
    },
  ];
}

const describedTable = async (client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> => {
  const { DescribeTableCommand } = await import('@aws-sdk/client-dynamodb');
  const found = await unless('ResourceNotFoundException', () => client.send(new DescribeTableCommand({ TableName })));
  return found?.Table;
};

/** Only a table at rest takes a change; what is under way is waited for, its own going included: listed meanwhile, it would seem to stay. */
async function removeTable(place: DataPlace): Promise<void> {
  const client = await place.clients.dynamoDb();
  for (;;) {
    const table = await describedTable(client, place.names.table);
    if (table === undefined) return;
    if (isAtRest(table)) {
      // Gone, or in somebody's hands, since the look: the next one tells.
      await unless('ResourceNotFoundException', () =>
        unless<unknown>('ResourceInUseException', () => nextToRemove(place, client, table)),
      );
    }
    await sleep(wallClock, 1000);
  }
}

const isAtRest = ({ GlobalTableWitnesses = [], Replicas = [], TableStatus }: TableDescription): boolean =>
  TableStatus === 'ACTIVE' &&
  Replicas.every(({ ReplicaStatus = 'ACTIVE' }) => ReplicaStatus === 'ACTIVE') &&
  GlobalTableWitnesses.every(({ WitnessStatus = 'ACTIVE' }) => WitnessStatus === 'ACTIVE');

/** Its protection first, everywhere; then the other Regions, which leave a strongly consistent table together; then the table. */
async function nextToRemove(place: DataPlace, client: DynamoDBClient, table: TableDescription): Promise<unknown> {
  const { DeleteTableCommand, UpdateTableCommand } = await import('@aws-sdk/client-dynamodb');
  const TableName = place.names.table;
  const unprotect = new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false });
  if (table.DeletionProtectionEnabled) return client.send(unprotect);
  const leave = (regions: readonly string[]) => regions.map((RegionName) => ({ Delete: { RegionName } }));
  const others = (table.Replicas ?? []).flatMap(({ RegionName = '' }) =>
    RegionName === place.region ? [] : [RegionName],
  );
  const witnesses = (table.GlobalTableWitnesses ?? []).flatMap(({ RegionName }) => RegionName ?? []);
  if (others.length + witnesses.length === 0) return client.send(new DeleteTableCommand({ TableName }));
  for (const region of others) {
    const there = await place.elsewhere(region).dynamoDb();
    const replica = await describedTable(there, TableName);
    if (replica?.DeletionProtectionEnabled) return there.send(unprotect);
    if (replica !== undefined && !isAtRest(replica)) return undefined;
  }
  return client.send(
    new UpdateTableCommand({
      TableName,
      ...(others.length === 0 ? {} : { ReplicaUpdates: leave(others) }),
      ...(witnesses.length === 0 ? {} : { GlobalTableWitnessUpdates: leave(witnesses) }),
    }),
  );
}

/** Replicas go with the secret they are copies of. */
export async function secretsIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const sdk = await import('@aws-sdk/client-secrets-manager');
  const client = await clients.secrets();
  const found = await Promise.all(
    [names.masterSecret, names.applicationSecret].map(async (SecretId): Promise<DataItem[]> => {
      const secret = await unless('ResourceNotFoundException', () =>
        client.send(new sdk.DescribeSecretCommand({ SecretId })),
      );
      if (secret === undefined) return [];
      const isReplica = secret.PrimaryRegion !== undefined && secret.PrimaryRegion !== region;
      const copies = (secret.ReplicationStatus ?? []).flatMap(({ Region }) => (Region === undefined ? [] : [Region]));
      return [
        {
          kind: 'secret',
          region,
          id: SecretId,
          cost: `$0.40 a month${isReplica ? ` (a copy of ${secret.PrimaryRegion}'s)` : ''}`,
          async remove() {
            if (isReplica) return;
            await unless('ResourceNotFoundException', async () => {
              if (copies.length > 0)
                await client.send(
                  new sdk.RemoveRegionsFromReplicationCommand({ SecretId, RemoveReplicaRegions: copies }),
                );
              // Without a waiting time: its name would be taken for a week, and what it opens is gone.
              await client.send(new sdk.DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
            });
          },
        },
      ];
    }),
  );
  return found.flat();
}

export async function keysIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const sdk = await import('@aws-sdk/client-kms');
  const client = await clients.kms();
  const found = await unless('NotFoundException', () =>
    client.send(new sdk.DescribeKeyCommand({ KeyId: names.keyAlias })),
  );
  const KeyId = found?.KeyMetadata?.KeyId;
  if (KeyId === undefined || found?.KeyMetadata?.DeletionDate !== undefined) return [];
  return [
    {
      kind: 'key',
      region,
      id: `${names.keyAlias} (${KeyId})`,
      cost: '$1 a month; without it nothing above can be read',
      async remove() {
        // Scheduled, as KMS has it: a mistake can be taken back for 30 days.
        await unless('NotFoundException', () => client.send(new sdk.DeleteAliasCommand({ AliasName: names.keyAlias })));
        // Its stack may have scheduled it already.
        await unless('KMSInvalidStateException', () =>
          client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 30 })),
        );
      },
    },
  ];
}

export async function imagesIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const images = imagesOf(clients);
  return (await images.list(names.prefix)).map((image) => ({
    kind: 'image',
    region,
    id: image.ImageId ?? '',
    cost: 'storage of its snapshots',
    remove: () => images.remove(image),
  }));
}

/** The application's and Pilot Light's own, as one: there may be hundreds. */
export async function parametersIn({ clients, names, region }: DataPlace): Promise<DataItem[]> {
  const { DeleteParametersCommand, paginateGetParametersByPath } = await import('@aws-sdk/client-ssm');
  const client = await clients.ssm();
  const found: string[] = [];
  const own = names.roleParameter.replace(/role$/, '');
  for (const Path of [names.parameterPath, own]) {
    for await (const page of paginateGetParametersByPath({ client }, { Path, Recursive: true }))
      found.push(...(page.Parameters ?? []).flatMap(({ Name }) => (Name === undefined ? [] : [Name])));
  }
  if (found.length === 0) return [];
  return [
    {
      kind: 'parameters',
      region,
      id: `${found.length} under ${names.parameterPath} and ${own}`,
      cost: 'nothing',
      async remove() {
        for (let start = 0; start < found.length; start += 10)
          await client.send(new DeleteParametersCommand({ Names: found.slice(start, start + 10) }));
      },
    },
  ];
}

/** What the look answers; undefined when AWS says that it isn't there. */
async function unless<T>(code: string, look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && error.name === code) return undefined;
    throw error;
  }
}
