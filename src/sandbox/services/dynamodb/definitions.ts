/** Table definitions: from what CreateTable and UpdateTable are given to records, checked as AWS checks them. */

import type {
  AttributeDefinition,
  CreateTableCommandInput,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';
import { keyNames } from './keys.ts';
import { accept, present } from './members.ts';
import type { IndexRecord, KeySchema, KeyType, TableRecord, Throughput } from './records.ts';
import { invalidParameter, validation } from './validation.ts';

export function keysFrom(schema: readonly KeySchemaElement[] | undefined): KeySchema {
  const [hash, range, ...more] = schema ?? [];
  const fits =
    hash?.KeyType === 'HASH' &&
    hash.AttributeName !== undefined &&
    (range === undefined || (range.KeyType === 'RANGE' && range.AttributeName !== undefined)) &&
    more.length === 0;
  if (!fits) {
    throw invalidParameter(
      'Invalid KeySchema: the first element must be a HASH key type, the second, if there is one, a RANGE key type',
    );
  }
  return present({ partition: hash.AttributeName, sort: range?.AttributeName }) as KeySchema;
}

/** Every defined attribute is a key of the table or an index, and every key is defined. */
export function typesFrom(
  definitions: readonly AttributeDefinition[] | undefined,
  used: readonly KeySchema[],
): Record<string, KeyType> {
  const types = Object.fromEntries(
    (definitions ?? []).map((one) => [one.AttributeName ?? '', one.AttributeType as KeyType]),
  );
  const names = new Set(used.flatMap(keyNames));
  const missing = [...names].filter((name) => types[name] === undefined);
  if (missing.length > 0) {
    throw invalidParameter(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${[...names].join(', ')}], AttributeDefinitions: [${Object.keys(types).join(', ')}]`,
    );
  }
  if (Object.keys(types).length > names.size) {
    throw invalidParameter(
      `Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions`,
    );
  }
  return types;
}

export function indexFrom(
  kind: IndexRecord['kind'],
  given: GlobalSecondaryIndex | LocalSecondaryIndex,
  table: KeySchema,
  activeAt: number,
): IndexRecord {
  const members = ['IndexName', 'KeySchema', 'Projection', 'ProvisionedThroughput', 'OnDemandThroughput'];
  accept('CreateTable', given, members);
  const keys = keysFrom(given.KeySchema);
  if (kind === 'local' && (keys.partition !== table.partition || keys.sort === undefined)) {
    throw invalidParameter(`Index KeySchema does not fit a local secondary index: ${given.IndexName}`);
  }
  const type = given.Projection?.ProjectionType;
  if (type === undefined) throw invalidParameter(`Unknown ProjectionType: null`);
  const attributes = given.Projection?.NonKeyAttributes ?? [];
  if (type !== 'INCLUDE' && attributes.length > 0) {
    throw invalidParameter(`ProjectionType is ${type}, but NonKeyAttributes is specified`);
  }
  const throughput = 'ProvisionedThroughput' in given ? throughputFrom(given.ProvisionedThroughput) : undefined;
  return present({
    name: given.IndexName ?? '',
    kind,
    keys,
    projection: { type, attributes },
    activeAt,
    throughput,
  }) as IndexRecord;
}

export function indexesFrom(input: CreateTableCommandInput, keys: KeySchema): IndexRecord[] {
  const indexes = [
    ...(input.GlobalSecondaryIndexes ?? []).map((one) => indexFrom('global', one, keys, 0)),
    ...(input.LocalSecondaryIndexes ?? []).map((one) => indexFrom('local', one, keys, 0)),
  ];
  const names = indexes.map((index) => index.name);
  if (new Set(names).size < names.length) throw invalidParameter('Duplicate index name');
  return indexes;
}

export function throughputFrom(given: ProvisionedThroughput | undefined): Throughput | undefined {
  if (given === undefined) return undefined;
  const { ReadCapacityUnits: read, WriteCapacityUnits: write } = given;
  if (read === undefined || write === undefined || read < 1 || write < 1) {
    throw validation('ReadCapacityUnits and WriteCapacityUnits must be greater than or equal to 1');
  }
  return { read, write };
}

export function billingFrom(
  input: { BillingMode?: string | undefined; ProvisionedThroughput?: ProvisionedThroughput | undefined },
  before: Pick<TableRecord, 'billing'> & { readonly throughput?: Throughput | undefined },
): { billing: TableRecord['billing']; throughput: Throughput | undefined } {
  const billing = (input.BillingMode ?? before.billing) as TableRecord['billing'];
  const throughput = throughputFrom(input.ProvisionedThroughput);
  if (billing === 'PAY_PER_REQUEST') {
    if (throughput !== undefined) {
      throw invalidParameter(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    }
    return { billing, throughput: undefined };
  }
  const kept = throughput ?? before.throughput;
  if (kept === undefined) {
    throw invalidParameter(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  }
  return { billing, throughput: kept };
}
