/** Tables: created, described, listed, changed, deleted. */

import type {
  CreateTableCommandInput,
  DeleteTableCommandInput,
  DescribeTableCommandInput,
  ListTablesCommandInput,
  UpdateTableCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { Call } from '../../../contract.ts';
import { AwsError, operation } from '../../../contract.ts';
import { onTable, tableArn } from '../asks.ts';
import { billingFrom, indexesFrom, keysFrom, typesFrom } from '../definitions.ts';
import { describe } from '../description.ts';
import { durations } from '../durations.ts';
import { changedIndexes } from '../index-changes.ts';
import { accept, present } from '../members.ts';
import type { TableRecord } from '../records.ts';
import { changeReplicas } from '../replica-changes.ts';
import { emptyRows, requireLink } from '../replica-copies.ts';
import type { GlobalTables } from '../replication.ts';
import type { Store } from '../store.ts';
import { tableName } from '../store.ts';
import type { StrongTables } from '../strong-tables.ts';
import { invalidParameter, validation } from '../validation.ts';

const shared = [
  'TableName',
  'AttributeDefinitions',
  'BillingMode',
  'ProvisionedThroughput',
  'OnDemandThroughput',
  'StreamSpecification',
  'SSESpecification',
  'TableClass',
  'DeletionProtectionEnabled',
];

export const tables = (store: Store, globalTables: GlobalTables, strong: StrongTables) => ({
  CreateTable: operation(
    (input: CreateTableCommandInput, call) => {
      accept('CreateTable', input, [
        ...shared,
        'KeySchema',
        'GlobalSecondaryIndexes',
        'LocalSecondaryIndexes',
        'Tags',
        'ResourcePolicy',
      ]);
      const name = tableName(input.TableName);
      if (store.tables(call.region).has(name)) {
        throw new AwsError('ResourceInUseException', `Table already exists: ${name}`);
      }
      const keys = keysFrom(input.KeySchema);
      const indexes = indexesFrom(input, keys);
      const now = store.now(call.region);
      const table = present({
        name,
        region: call.region,
        id: store.core.ids.uuid(),
        createdAt: now,
        change: { status: 'CREATING', until: now + durations.createTable },
        keys,
        types: typesFrom(input.AttributeDefinitions, [keys, ...indexes.map((index) => index.keys)]),
        indexes,
        ...billingFrom(input, { billing: 'PROVISIONED' }),
        tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
        deletionProtection: input.DeletionProtectionEnabled === true,
        tableClass: input.TableClass,
        ...features(input, now),
        policy: input.ResourcePolicy,
        replicas: [],
      }) as TableRecord;
      store.tables(call.region).put(name, table);
      return { TableDescription: describe(store, table) };
    },
    (input: CreateTableCommandInput, call) => [
      ...onTable('CreateTable')(input, call),
      ...((input.Tags ?? []).length > 0 ? onTable('TagResource')(input, call) : []),
      ...(input.ResourcePolicy === undefined ? [] : onTable('PutResourcePolicy')(input, call)),
    ],
  ),

  DescribeTable: operation((input: DescribeTableCommandInput, call) => {
    accept('DescribeTable', input, ['TableName']);
    return { Table: describe(store, store.table(call.region, input.TableName)) };
  }, onTable('DescribeTable')),

  ListTables: operation(
    (input: ListTablesCommandInput, call) => {
      accept('ListTables', input, ['ExclusiveStartTableName', 'Limit']);
      const names = store
        .tables(call.region)
        .values()
        .map((table) => table.name)
        .filter((name) => name > (input.ExclusiveStartTableName ?? ''))
        .sort();
      const page = names.slice(0, input.Limit ?? 100);
      return present({
        TableNames: page,
        LastEvaluatedTableName: page.length < names.length ? page.at(-1) : undefined,
      });
    },
    () => [{ action: 'dynamodb:ListTables', resource: '*' }],
  ),

  DeleteTable: operation((input: DeleteTableCommandInput, call) => {
    accept('DeleteTable', input, ['TableName']);
    const table = ready(store, input.TableName, call);
    if (table.deletionProtection) {
      throw validation(
        `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
      );
    }
    if (table.consistency === 'STRONG') {
      throw invalidParameter(
        `A single replica cannot be deleted from a global table with multi-Region strong consistency: remove the other Regions of ${table.name} first`,
      );
    }
    const others = table.replicas.map((replica) => replica.region);
    for (const region of others) {
      store.tables(region).update(table.name, (one) => ({
        ...one,
        replicas: one.replicas.filter((replica) => replica.region !== table.region),
      }));
    }
    const until = store.now(call.region) + durations.deleteTable;
    const deleting: TableRecord = { ...table, replicas: [], change: { status: 'DELETING', until } };
    store.tables(call.region).put(table.name, deleting);
    removeLater(store, deleting, durations.deleteTable);
    return { TableDescription: describe(store, deleting) };
  }, onTable('DeleteTable')),

  UpdateTable: operation(
    (input: UpdateTableCommandInput, call) => {
      accept('UpdateTable', input, [
        ...shared,
        'GlobalSecondaryIndexUpdates',
        'GlobalTableWitnessUpdates',
        'ReplicaUpdates',
        'MultiRegionConsistency',
      ]);
      const table = ready(store, input.TableName, call);
      if (table.consistency === 'STRONG') strong.requireMajority(table);
      const now = store.now(call.region);
      const { tableClass, deletionProtection } = table;
      const changed = present({
        ...table,
        ...billingFrom(input, table),
        ...changedIndexes(table, input, now),
        ...features(input, now),
        change: { status: 'UPDATING', until: now + durations.updateTable },
        tableClass: input.TableClass ?? tableClass,
        deletionProtection: input.DeletionProtectionEnabled ?? deletionProtection,
      }) as TableRecord;
      const shares = sharedSettings(store, table, changed);
      const withReplicas = changeReplicas(store, globalTables, changed, input);
      shares();
      store.tables(call.region).put(table.name, withReplicas);
      return { TableDescription: describe(store, withReplicas) };
    },
    (input: UpdateTableCommandInput, call) => [
      ...onTable('UpdateTable')(input, call),
      // A replica is made, filled and read in the caller's name.
      ...(input.ReplicaUpdates ?? []).flatMap(({ Create: create, Delete: remove }) => {
        const region = create?.RegionName ?? remove?.RegionName ?? '';
        const resource = tableArn({ ...call, region }, input.TableName);
        const actions =
          create === undefined ? ['DeleteTable', 'DeleteTableReplica'] : ['CreateTable', 'CreateTableReplica'];
        return actions.map((action) => ({ action: `dynamodb:${action}`, resource }));
      }),
      ...(input.GlobalTableWitnessUpdates ?? []).flatMap(({ Create: create }) =>
        onTable(create === undefined ? 'DeleteGlobalTableWitness' : 'CreateGlobalTableWitness')(input, call),
      ),
    ],
  ),
});

function removeLater(store: Store, table: TableRecord, delay: number): void {
  store.core.region(table.region).clock.after(delay, () => {
    emptyRows(store, table, table.region);
    store.tables(table.region).delete(table.name);
  });
}

/** Takes up the deletions that kept tables say are under way. */
export function resumeDeletions(store: Store): void {
  for (const region of store.core.regions) {
    for (const table of store.tables(region).values()) {
      if (table.change?.status !== 'DELETING') continue;
      removeLater(store, table, Math.max(0, table.change.until - store.now(region)));
    }
  }
}

/**
 * What all copies of a global table have in common: capacity and indexes. Answers how to give it to the others, once nothing else stands
 * in the way; throws when they can't be reached.
 */
function sharedSettings(
  store: Store,
  before: TableRecord,
  { billing, throughput, indexes, types }: TableRecord,
): () => void {
  const same =
    JSON.stringify([billing, throughput, indexes]) ===
    JSON.stringify([before.billing, before.throughput, before.indexes]);
  if (same) return () => {};
  const others = before.replicas.map(({ region }) => region);
  for (const region of others) requireLink(store, before.region, region);
  return () => {
    for (const region of others) {
      store.tables(region).update(before.name, ({ throughput: _before, ...one }) => ({
        ...one,
        ...(throughput === undefined ? {} : { throughput }),
        billing,
        indexes,
        types,
      }));
    }
  };
}

/** A table that can be changed: one change at a time. */
function ready(store: Store, given: string | undefined, call: Call): TableRecord {
  const table = store.table(call.region, given);
  const status = store.statusOf(table);
  if (status !== 'ACTIVE') {
    throw new AwsError(
      'ResourceInUseException',
      `Attempt to change a resource which is still in use: Table is being ${status === 'DELETING' ? 'deleted' : status === 'CREATING' ? 'created' : 'updated'}: ${table.name}`,
    );
  }
  return table;
}

/** Encryption and stream as asked for; nothing where they aren't. Streams are recorded: nobody reads them here. */
function features(input: CreateTableCommandInput | UpdateTableCommandInput, now: number) {
  const { SSESpecification: encryption, StreamSpecification: stream } = input;
  return {
    ...(encryption === undefined
      ? {}
      : { encryption: encryption.Enabled === true ? present({ key: encryption.KMSMasterKeyId }) : undefined }),
    ...(stream === undefined
      ? {}
      : {
          stream:
            stream.StreamEnabled === true
              ? { view: stream.StreamViewType ?? 'NEW_AND_OLD_IMAGES', label: new Date(now).toISOString().slice(0, -1) }
              : undefined,
        }),
  };
}
