/**
 * AWS::DynamoDB::GlobalTable: a table in the stack's Region, then its replicas. CDK's TableV2 is one, also with a single Region.
 * With strong consistency (`MultiRegionConsistency: STRONG`) all replicas and the witness are added in one call. What a replica declares
 * for itself (tags, protection, recovery) is set in its own Region.
 */

import { validationError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { changeBetween } from '../properties.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { flagOf, listOf, objectOf, textOf } from '../resource-type.ts';
import {
  active,
  attributesOf,
  changeStream,
  encryption,
  expiring,
  gone,
  recoverable,
  stream,
} from './dynamodb-table.ts';
import { difference, pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const replicaMembers = [
  'DeletionProtectionEnabled',
  'KeySchema',
  'PointInTimeRecoverySpecification',
  'Region',
  'SSESpecification',
  'TableClass',
  'Tags',
];

export const globalTable: ResourceType = {
  name: 'AWS::DynamoDB::GlobalTable',
  properties: {
    AttributeDefinitions: 'update',
    BillingMode: 'update',
    GlobalSecondaryIndexes: 'replace',
    GlobalTableWitnesses: 'update',
    KeySchema: 'replace',
    LocalSecondaryIndexes: 'replace',
    MultiRegionConsistency: 'replace',
    Replicas: 'update',
    SSESpecification: 'update',
    StreamSpecification: 'update',
    TableName: 'replace',
    TimeToLiveSpecification: 'update',
  },
  required: ['KeySchema', 'Replicas'],
  attributes: ['Arn', 'StreamArn', 'TableId'],
  nameProperty: 'TableName',
  async create(properties, context) {
    const id = textOf(properties.TableName) ?? context.physicalName(255);
    const home = homeReplica(properties, context.region);
    const tags = tagList(home.Tags);
    const others = regionsOf(properties).filter((region) => region !== context.region);
    await context.call('dynamodb', 'CreateTable', {
      TableName: id,
      ...pick(properties, [
        'AttributeDefinitions',
        'BillingMode',
        'GlobalSecondaryIndexes',
        'KeySchema',
        'LocalSecondaryIndexes',
      ]),
      ...pick(home, ['DeletionProtectionEnabled', 'TableClass']),
      // Replication reads the stream: a table with replicas has one, declared or not.
      StreamSpecification:
        stream(properties.StreamSpecification) ??
        (others.length > 0 && properties.MultiRegionConsistency !== 'STRONG'
          ? { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' }
          : undefined),
      SSESpecification: withKey(properties.SSESpecification, home),
      Tags: tags.length > 0 ? tags : undefined,
    });
    context.created(id);
    await active(id, context);
    await changeReplicas(id, {}, properties, context);
    await recoverable(id, {}, home, context);
    await settleReplicas(id, {}, properties, context);
    await expiring(id, {}, properties, context);
    return { id, attributes: attributesOf(await active(id, context)) };
  },
  async update(change, context) {
    const { changed, id, previous, properties } = change;
    const [homeBefore, home] = [homeReplica(previous, context.region), homeReplica(properties, context.region)];
    if (changed.has('BillingMode')) {
      await context.call('dynamodb', 'UpdateTable', { TableName: id, ...pick(properties, ['BillingMode']) });
      await active(id, context);
    }
    if (changed.has('StreamSpecification')) await changeStream(change, context);
    await changeReplicas(id, previous, properties, context);
    await settleReplica(id, homeBefore, home, context);
    await settleReplicas(id, previous, properties, context);
    await expiring(id, previous, properties, context);
    return { attributes: attributesOf(await active(id, context)) };
  },
  async delete({ id, properties }, context) {
    const others = regionsOf(properties).filter((region) => region !== context.region);
    const strong = properties.MultiRegionConsistency === 'STRONG';
    // The Regions of a strongly consistent table leave together, those of any other one by one.
    for (const regions of strong ? [others] : others.map((region) => [region])) {
      const update = {
        TableName: id,
        ReplicaUpdates: regions.map(leave),
        GlobalTableWitnessUpdates:
          strong && witnessesOf(properties).length > 0 ? witnessesOf(properties).map(leave) : undefined,
      };
      await unlessGone(context.call('dynamodb', 'UpdateTable', update));
      await unlessGone(active(id, context));
    }
    await unlessGone(context.call('dynamodb', 'DeleteTable', { TableName: id }));
    await gone(id, context);
  },
};

/** The replicas of other Regions, each by calls in its own. */
async function settleReplicas(id: string, previous: JsonObject, properties: JsonObject, context: ResourceContext) {
  for (const region of regionsOf(properties).filter((other) => other !== context.region)) {
    const there: ResourceContext = {
      ...context,
      region,
      call: (service, operation, input) => context.call(service, operation, input, region),
    };
    await settleReplica(id, replicaIn(previous, region), replicaIn(properties, region), there);
  }
}

async function settleReplica(id: string, before: JsonObject, now: JsonObject, context: ResourceContext) {
  const isProtected = flagOf(now.DeletionProtectionEnabled);
  if (flagOf(before.DeletionProtectionEnabled) !== isProtected) {
    await context.call('dynamodb', 'UpdateTable', { TableName: id, DeletionProtectionEnabled: isProtected });
    await active(id, context);
  }
  await recoverable(id, before, now, context);
  const change = changeBetween(before, now);
  if (!change.changed.has('Tags')) return;
  const ResourceArn = (await active(id, context)).TableArn ?? '';
  await syncTags(change, {
    add: (Tags) => context.call('dynamodb', 'TagResource', { ResourceArn, Tags }),
    remove: (TagKeys) => context.call('dynamodb', 'UntagResource', { ResourceArn, TagKeys }),
  });
}

const replicaIn = (properties: JsonObject, region: string): JsonObject =>
  listOf(properties.Replicas)
    .map(objectOf)
    .find((replica) => replica.Region === region) ?? {};

function homeReplica(properties: JsonObject, region: string): JsonObject {
  const replicas = listOf(properties.Replicas).map(objectOf);
  const extra = replicas.flatMap((replica) => Object.keys(replica)).filter((name) => !replicaMembers.includes(name));
  if (extra.length > 0)
    throw validationError(`A replica doesn't support ${[...new Set(extra)].join(', ')} in the sandbox`);
  const home = replicas.find((replica) => replica.Region === region);
  if (home === undefined) throw validationError(`Replicas must contain the stack's own Region, ${region}`);
  return home;
}

const regionsOf = (properties: JsonObject): string[] =>
  listOf(properties.Replicas).map((replica) => asText(objectOf(replica).Region));

const witnessesOf = (properties: JsonObject): string[] =>
  listOf(properties.GlobalTableWitnesses).map((witness) => asText(objectOf(witness).Region));

const leave = (RegionName: string) => ({ Delete: { RegionName } });

/** The key of a Region's copy is declared with the replica; that it is encrypted with one, with the table. */
function withKey(specification: Json | undefined, replica: JsonObject): JsonObject | undefined {
  const { KMSMasterKeyId } = objectOf(replica.SSESpecification);
  const whole = encryption(specification);
  return whole === undefined || KMSMasterKeyId === undefined ? whole : { ...whole, KMSMasterKeyId };
}

async function changeReplicas(
  TableName: string,
  previous: JsonObject,
  properties: JsonObject,
  context: ResourceContext,
) {
  const own = (regions: string[]) => regions.filter((region) => region !== context.region);
  const { added, removed } = difference(own(regionsOf(previous)), own(regionsOf(properties)));
  const join = (region: string) => {
    const { KMSMasterKeyId } = objectOf(replicaIn(properties, region).SSESpecification);
    return { Create: { RegionName: region, KMSMasterKeyId } };
  };
  const call = async (members: object) => {
    await context.call('dynamodb', 'UpdateTable', { TableName, ...members });
    await active(TableName, context);
  };
  if (properties.MultiRegionConsistency === 'STRONG') {
    // Its members are fixed: a rollback of a change that was refused finds them as they were.
    if (await hasMembers(TableName, properties, context)) return;
    const witnesses = difference(witnessesOf(previous), witnessesOf(properties));
    const ReplicaUpdates = [...added.map(join), ...removed.map(leave)];
    const GlobalTableWitnessUpdates = [
      ...witnesses.added.map((RegionName) => ({ Create: { RegionName } })),
      ...witnesses.removed.map(leave),
    ];
    const mode = added.length > 0 ? { MultiRegionConsistency: 'STRONG' } : {};
    await call({ ...mode, ReplicaUpdates, GlobalTableWitnessUpdates });
    return;
  }
  for (const region of added) await call({ ReplicaUpdates: [join(region)] });
  for (const region of removed) await call({ ReplicaUpdates: [leave(region)] });
}

async function hasMembers(TableName: string, properties: JsonObject, context: ResourceContext): Promise<boolean> {
  const { Replicas = [], GlobalTableWitnesses = [] } = await active(TableName, context);
  const live = [context.region, ...[...Replicas, ...GlobalTableWitnesses].map(({ RegionName }) => RegionName ?? '')];
  const { added, removed } = difference(live, [...regionsOf(properties), ...witnessesOf(properties)]);
  const moved = difference(
    GlobalTableWitnesses.map(({ RegionName }) => RegionName ?? ''),
    witnessesOf(properties),
  );
  return [...added, ...removed, ...moved.added, ...moved.removed].length === 0;
}
