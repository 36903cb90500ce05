/** AWS::DynamoDB::Table. */

import type { CreateTableCommandOutput, DescribeTableCommandOutput, TableDescription } from '@aws-sdk/client-dynamodb';
import type { Json, JsonObject } from '../json.ts';
import { asText, sameJson } from '../json.ts';
import { isGone, unlessGone } from '../resource-context.ts';
import type { ResourceChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { flagOf, listOf, objectOf, textOf } from '../resource-type.ts';
import { pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const updatable = ['BillingMode', 'DeletionProtectionEnabled', 'ProvisionedThroughput', 'TableClass'];

export const table: ResourceType = {
  name: 'AWS::DynamoDB::Table',
  properties: {
    AttributeDefinitions: 'update',
    BillingMode: 'update',
    DeletionProtectionEnabled: 'update',
    GlobalSecondaryIndexes: 'update',
    KeySchema: 'replace',
    LocalSecondaryIndexes: 'replace',
    PointInTimeRecoverySpecification: 'update',
    ProvisionedThroughput: 'update',
    SSESpecification: 'update',
    StreamSpecification: 'update',
    TableClass: 'update',
    TableName: 'replace',
    Tags: 'update',
    TimeToLiveSpecification: 'update',
  },
  required: ['KeySchema'],
  attributes: ['Arn', 'StreamArn'],
  nameProperty: 'TableName',
  tags: 'list',
  async create(properties, context) {
    const id = textOf(properties.TableName) ?? context.physicalName(255);
    const tags = tagList(properties.Tags);
    const members = [
      'AttributeDefinitions',
      'GlobalSecondaryIndexes',
      'KeySchema',
      'LocalSecondaryIndexes',
      ...updatable,
    ];
    await context.call<CreateTableCommandOutput>('dynamodb', 'CreateTable', {
      TableName: id,
      ...pick(properties, members),
      StreamSpecification: stream(properties.StreamSpecification),
      SSESpecification: encryption(properties.SSESpecification),
      Tags: tags.length > 0 ? tags : undefined,
    });
    context.created(id);
    const made = await active(id, context);
    await recoverable(id, {}, properties, context);
    await expiring(id, {}, properties, context);
    return { id, attributes: attributesOf(made) };
  },
  async update(change, context) {
    const { changed, id, properties } = change;
    const members = updatable.filter((name) => changed.has(name));
    if (members.length > 0) {
      await context.call('dynamodb', 'UpdateTable', { TableName: id, ...pick(properties, members) });
      await active(id, context);
    }
    if (changed.has('SSESpecification')) {
      const SSESpecification = encryption(properties.SSESpecification) ?? { Enabled: false };
      await context.call('dynamodb', 'UpdateTable', { TableName: id, SSESpecification });
      await active(id, context);
    }
    if (changed.has('StreamSpecification')) await changeStream(change, context);
    if (changed.has('GlobalSecondaryIndexes')) await changeIndexes(change, context);
    await recoverable(id, change.previous, properties, context);
    await expiring(id, change.previous, properties, context);
    const attributes = attributesOf(await active(id, context));
    const ResourceArn = asText(attributes.Arn);
    await syncTags(change, {
      add: (Tags) => context.call('dynamodb', 'TagResource', { ResourceArn, Tags }),
      remove: (TagKeys) => context.call('dynamodb', 'UntagResource', { ResourceArn, TagKeys }),
    });
    return { attributes };
  },
  async delete({ id }, context) {
    await made(id, context);
    await unlessGone(context.call('dynamodb', 'DeleteTable', { TableName: id }));
    await gone(id, context);
  },
};

export const attributesOf = ({ LatestStreamArn, TableArn, TableId }: TableDescription): JsonObject => ({
  Arn: TableArn ?? '',
  TableId: TableId ?? '',
  ...(LatestStreamArn === undefined ? {} : { StreamArn: LatestStreamArn }),
});

/** Templates turn a stream on by naming its view; `false` or nothing is off. */
export const stream = (value: Json | undefined): JsonObject | undefined =>
  value === undefined ? undefined : { ...objectOf(value), StreamEnabled: true };

export function encryption(value: Json | undefined): JsonObject | undefined {
  if (value === undefined) return undefined;
  const { KMSMasterKeyId, SSEEnabled, SSEType } = objectOf(value);
  return {
    Enabled: SSEEnabled ?? true,
    ...(KMSMasterKeyId === undefined ? {} : { KMSMasterKeyId }),
    ...(SSEType === undefined ? {} : { SSEType }),
  };
}

export const active = (TableName: string, { call, until }: ResourceContext): Promise<TableDescription> =>
  until(`table ${TableName}`, async () => {
    const { Table } = await call<DescribeTableCommandOutput>('dynamodb', 'DescribeTable', { TableName });
    const settled = (status: string | undefined) => status === undefined || status === 'ACTIVE';
    const all = [
      Table?.TableStatus ?? 'CREATING',
      ...(Table?.GlobalSecondaryIndexes ?? []).map(({ IndexStatus }) => IndexStatus),
      ...(Table?.Replicas ?? []).map(({ ReplicaStatus }) => ReplicaStatus),
      ...(Table?.GlobalTableWitnesses ?? []).map(({ WitnessStatus }) => WitnessStatus),
    ];
    return all.every(settled) ? Table : undefined;
  });

/** A table can't be deleted while it is being made, as one is whose stack is rolled back meanwhile. */
const made = (TableName: string, { call, until }: ResourceContext): Promise<boolean> =>
  until(`table ${TableName} to be deletable`, async () => {
    try {
      const { Table } = await call<DescribeTableCommandOutput>('dynamodb', 'DescribeTable', { TableName });
      return Table?.TableStatus !== 'CREATING';
    } catch (error) {
      if (isGone(error)) return true;
      throw error;
    }
  });

export const gone = (TableName: string, { call, until }: ResourceContext): Promise<boolean> =>
  until(`deletion of table ${TableName}`, async () => {
    try {
      await call('dynamodb', 'DescribeTable', { TableName });
      return false;
    } catch (error) {
      if (isGone(error)) return true;
      throw error;
    }
  });

export async function expiring(id: string, before: JsonObject, now: JsonObject, context: ResourceContext) {
  const { TimeToLiveSpecification: value } = now;
  if (sameJson(before.TimeToLiveSpecification, value)) return;
  const off = { ...objectOf(before.TimeToLiveSpecification), Enabled: false };
  await context.call('dynamodb', 'UpdateTimeToLive', { TableName: id, TimeToLiveSpecification: value ?? off });
}

export async function recoverable(id: string, before: JsonObject, now: JsonObject, context: ResourceContext) {
  const wanted = ({ PointInTimeRecoverySpecification: value }: JsonObject): boolean =>
    flagOf(objectOf(value).PointInTimeRecoveryEnabled);
  if (wanted(before) === wanted(now)) return;
  await context.call('dynamodb', 'UpdateContinuousBackups', {
    TableName: id,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: wanted(now) },
  });
}

/** A stream with another view is another stream: the old one is turned off first. */
export async function changeStream({ id, previous, properties }: ResourceChange, context: ResourceContext) {
  const set = async (StreamSpecification: JsonObject) => {
    await context.call('dynamodb', 'UpdateTable', { TableName: id, StreamSpecification });
    await active(id, context);
  };
  if (previous.StreamSpecification !== undefined) await set({ StreamEnabled: false });
  const wanted = stream(properties.StreamSpecification);
  if (wanted !== undefined) await set(wanted);
}

/** One index per call, as the API wants it. */
async function changeIndexes({ id, previous, properties }: ResourceChange, context: ResourceContext) {
  const byName = (source: JsonObject) =>
    new Map(
      listOf(source.GlobalSecondaryIndexes)
        .map(objectOf)
        .map((index) => [asText(index.IndexName), index]),
    );
  const [before, now] = [byName(previous), byName(properties)];
  const call = async (update: JsonObject) => {
    await context.call('dynamodb', 'UpdateTable', {
      TableName: id,
      ...pick(properties, ['AttributeDefinitions']),
      GlobalSecondaryIndexUpdates: [update],
    });
    await active(id, context);
  };
  for (const [IndexName, index] of before) {
    if (!sameJson(index, now.get(IndexName))) await call({ Delete: { IndexName } });
  }
  for (const [name, index] of now) if (!sameJson(index, before.get(name))) await call({ Create: index });
}
