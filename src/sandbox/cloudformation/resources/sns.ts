/** AWS::SNS::Topic, Subscription and TopicPolicy. */

import type { CreateTopicCommandOutput, SubscribeCommandOutput } from '@aws-sdk/client-sns';
import type { Json, JsonObject } from '../json.ts';
import { asText, canonical } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { difference } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

const topicAttributes = ['ContentBasedDeduplication', 'DisplayName', 'KmsMasterKeyId'];

export const topic: ResourceType = {
  name: 'AWS::SNS::Topic',
  properties: {
    ContentBasedDeduplication: 'update',
    DisplayName: 'update',
    FifoTopic: 'replace',
    KmsMasterKeyId: 'update',
    Subscription: 'update',
    Tags: 'update',
    TopicName: 'replace',
  },
  attributes: ['TopicArn', 'TopicName'],
  nameProperty: 'TopicName',
  tags: 'list',
  async create(properties, context) {
    const fifo = asText(properties.FifoTopic) === 'true';
    const Name = textOf(properties.TopicName) ?? `${context.physicalName(fifo ? 251 : 256)}${fifo ? '.fifo' : ''}`;
    const tags = tagList(properties.Tags);
    const declared = topicAttributes.filter((name) => properties[name] !== undefined);
    const answer = await context.call<CreateTopicCommandOutput>('sns', 'CreateTopic', {
      Name,
      Attributes: {
        ...Object.fromEntries(declared.map((name) => [name, attributeText(properties[name])])),
        ...(fifo ? { FifoTopic: 'true' } : {}),
      },
      Tags: tags.length > 0 ? tags : undefined,
    });
    const id = answer.TopicArn ?? '';
    context.created(id);
    for (const { Endpoint, Protocol } of listOf(properties.Subscription).map(objectOf)) {
      await context.call('sns', 'Subscribe', { TopicArn: id, Endpoint, Protocol });
    }
    return { id, attributes: { TopicArn: id, TopicName: Name } };
  },
  async update(change, context) {
    const { id: TopicArn, changed, previous, properties } = change;
    for (const name of topicAttributes.filter((attribute) => changed.has(attribute))) {
      const AttributeValue = attributeText(properties[name]);
      await context.call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: name, AttributeValue });
    }
    const known = new Set(listOf(previous.Subscription).map(canonical));
    for (const subscriber of listOf(properties.Subscription)) {
      if (known.has(canonical(subscriber))) continue;
      const { Endpoint, Protocol } = objectOf(subscriber);
      await context.call('sns', 'Subscribe', { TopicArn, Endpoint, Protocol });
    }
    await syncTags(change, {
      add: (Tags) => context.call('sns', 'TagResource', { ResourceArn: TopicArn, Tags }),
      remove: (TagKeys) => context.call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('sns', 'DeleteTopic', { TopicArn: id }));
  },
};

const subscriptionAttributes = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
];

export const subscription: ResourceType = {
  name: 'AWS::SNS::Subscription',
  properties: {
    DeliveryPolicy: 'update',
    Endpoint: 'replace',
    FilterPolicy: 'update',
    FilterPolicyScope: 'update',
    Protocol: 'replace',
    RawMessageDelivery: 'update',
    RedrivePolicy: 'update',
    TopicArn: 'replace',
  },
  required: ['Protocol', 'TopicArn'],
  attributes: ['Arn'],
  async create(properties, context) {
    const declared = subscriptionAttributes.filter((name) => properties[name] !== undefined);
    const attributes = Object.fromEntries(declared.map((name) => [name, attributeText(properties[name])]));
    const answer = await context.call<SubscribeCommandOutput>('sns', 'Subscribe', {
      TopicArn: properties.TopicArn,
      Protocol: properties.Protocol,
      Endpoint: properties.Endpoint,
      Attributes: declared.length > 0 ? attributes : undefined,
      ReturnSubscriptionArn: true,
    });
    const id = answer.SubscriptionArn ?? '';
    return { id, attributes: { Arn: id } };
  },
  async update({ id: SubscriptionArn, changed, properties }, context) {
    for (const name of subscriptionAttributes.filter((attribute) => changed.has(attribute))) {
      await context.call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn,
        AttributeName: name,
        AttributeValue: attributeText(properties[name]),
      });
    }
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('sns', 'Unsubscribe', { SubscriptionArn: id }));
  },
};

export const topicPolicy: ResourceType = {
  name: 'AWS::SNS::TopicPolicy',
  properties: { PolicyDocument: 'update', Topics: 'update' },
  required: ['PolicyDocument', 'Topics'],
  attributes: ['Id'],
  async create(properties, context) {
    const id = context.physicalName(128);
    for (const arn of topicsOf(properties)) await setPolicy(arn, properties.PolicyDocument, context);
    return { id, attributes: { Id: id } };
  },
  async update({ previous, properties }, context) {
    const { removed } = difference(topicsOf(previous), topicsOf(properties));
    for (const arn of removed) await unlessGone(setPolicy(arn, undefined, context));
    for (const arn of topicsOf(properties)) await setPolicy(arn, properties.PolicyDocument, context);
    return undefined;
  },
  async delete({ properties }, context) {
    for (const arn of topicsOf(properties)) await unlessGone(setPolicy(arn, undefined, context));
  },
};

const topicsOf = (properties: JsonObject): string[] => listOf(properties.Topics).map(String);

const setPolicy = (TopicArn: string, policy: Json | undefined, { call, account }: ResourceContext) =>
  call('sns', 'SetTopicAttributes', {
    TopicArn,
    AttributeName: 'Policy',
    AttributeValue: attributeText(policy ?? ownersOnly(TopicArn, account)),
  });

/** A topic always has a policy: without one of its own, the account's. */
const ownersOnly = (topicArn: string, account: string): JsonObject => ({
  Version: '2008-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['SNS:Publish', 'SNS:Subscribe', 'SNS:GetTopicAttributes'],
      Resource: topicArn,
      Condition: { StringEquals: { 'AWS:SourceOwner': account } },
    },
  ],
});

const attributeText = (value: Json | undefined): string =>
  value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
