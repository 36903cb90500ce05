/** A table as DescribeTable shows it. */

import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { inIndex, keyNames } from './keys.ts';
import { present } from './members.ts';
import type { IndexRecord, KeySchema, TableRecord, Throughput } from './records.ts';
import type { Store } from './store.ts';
import type { Item } from './values.ts';
import { itemSize } from './values.ts';

export function describe(store: Store, table: TableRecord): TableDescription {
  const items = store.items(table);
  const arn = store.arn(table.region, table.name);
  const indexes = (kind: IndexRecord['kind']) => {
    const found = table.indexes.filter((index) => index.kind === kind);
    return found.length === 0 ? undefined : found.map((index) => describeIndex(store, table, index, items, arn));
  };
  return present({
    TableName: table.name,
    TableArn: arn,
    TableId: table.id,
    TableStatus: store.statusOf(table),
    CreationDateTime: new Date(table.createdAt),
    KeySchema: keySchema(table.keys),
    AttributeDefinitions: Object.entries(table.types).map(([AttributeName, AttributeType]) => ({
      AttributeName,
      AttributeType,
    })),
    ItemCount: items.length,
    TableSizeBytes: items.reduce((sum, item) => sum + itemSize(item), 0),
    ProvisionedThroughput: throughput(table.throughput),
    BillingModeSummary: table.billing === 'PAY_PER_REQUEST' ? { BillingMode: table.billing } : undefined,
    GlobalSecondaryIndexes: indexes('global'),
    LocalSecondaryIndexes: indexes('local'),
    DeletionProtectionEnabled: table.deletionProtection,
    TableClassSummary: table.tableClass === undefined ? undefined : { TableClass: table.tableClass },
    SSEDescription:
      table.encryption === undefined
        ? undefined
        : present({ Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: table.encryption.key }),
    StreamSpecification:
      table.stream === undefined ? undefined : { StreamEnabled: true, StreamViewType: table.stream.view },
    LatestStreamLabel: table.stream?.label,
    LatestStreamArn: table.stream === undefined ? undefined : `${arn}/stream/${table.stream.label}`,
    ...globalTable(store, table),
  }) as TableDescription;
}

/** The other Regions; a table that has none isn't global. */
function globalTable(store: Store, table: TableRecord) {
  if (table.replicas.length === 0) return {};
  const now = store.now(table.region);
  return {
    GlobalTableVersion: '2019.11.21',
    MultiRegionConsistency: table.consistency ?? 'EVENTUAL',
    Replicas: table.replicas.map(({ region, activeAt }) => ({
      RegionName: region,
      ReplicaStatus: now < activeAt ? 'CREATING' : 'ACTIVE',
    })),
    ...(table.witness === undefined
      ? {}
      : {
          GlobalTableWitnesses: [
            { RegionName: table.witness.region, WitnessStatus: now < table.witness.activeAt ? 'CREATING' : 'ACTIVE' },
          ],
        }),
  };
}

function describeIndex(store: Store, table: TableRecord, index: IndexRecord, items: readonly Item[], arn: string) {
  const held = items.filter((item) => inIndex(index, item));
  const building = store.now(table.region) < index.activeAt;
  return present({
    IndexName: index.name,
    IndexArn: `${arn}/index/${index.name}`,
    KeySchema: keySchema(index.keys),
    Projection: present({
      ProjectionType: index.projection.type,
      NonKeyAttributes: index.projection.attributes.length === 0 ? undefined : [...index.projection.attributes],
    }),
    ItemCount: held.length,
    IndexSizeBytes: held.reduce((sum, item) => sum + itemSize(item), 0),
    ...(index.kind === 'local'
      ? {}
      : {
          IndexStatus: building ? 'CREATING' : 'ACTIVE',
          Backfilling: building ? true : undefined,
          ProvisionedThroughput: throughput(index.throughput),
        }),
  });
}

const keySchema = (keys: KeySchema) =>
  keyNames(keys).map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' }));

const throughput = (given: Throughput | undefined) => ({
  ReadCapacityUnits: given?.read ?? 0,
  WriteCapacityUnits: given?.write ?? 0,
  NumberOfDecreasesToday: 0,
});
