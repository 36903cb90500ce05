/** AWS::SQS::Queue and QueuePolicy. */

import type { CreateQueueCommandOutput } from '@aws-sdk/client-sqs';
import type { Json, JsonObject } from '../json.ts';
import { asText } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { OnChange, ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, textOf } from '../resource-type.ts';
import { difference } from './pick.ts';
import { syncTags, tagMap } from './tags.ts';

/** Queue attributes, which the API takes as texts, with the value each has when it isn't declared. */
const attributes: Readonly<Record<string, string>> = {
  ContentBasedDeduplication: 'false',
  DelaySeconds: '0',
  KmsDataKeyReusePeriodSeconds: '300',
  KmsMasterKeyId: '',
  MaximumMessageSize: '262144',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  RedriveAllowPolicy: '',
  RedrivePolicy: '',
  SqsManagedSseEnabled: 'true',
  VisibilityTimeout: '30',
};

export const queue: ResourceType = {
  name: 'AWS::SQS::Queue',
  properties: {
    ...(Object.fromEntries(Object.keys(attributes).map((name) => [name, 'update'])) as Record<string, OnChange>),
    FifoQueue: 'replace',
    QueueName: 'replace',
    Tags: 'update',
  },
  attributes: ['Arn', 'QueueName', 'QueueUrl'],
  nameProperty: 'QueueName',
  tags: 'list',
  async create(properties, context) {
    const fifo = asText(properties.FifoQueue) === 'true';
    const generated = () => (fifo ? `${context.physicalName(75)}.fifo` : context.physicalName(80));
    const QueueName = textOf(properties.QueueName) ?? generated();
    const tags = tagMap(properties.Tags);
    const declared = Object.keys(attributes).filter((name) => properties[name] !== undefined);
    const answer = await context.call<CreateQueueCommandOutput>('sqs', 'CreateQueue', {
      QueueName,
      Attributes: { ...attributesFor(declared, properties), ...(fifo ? { FifoQueue: 'true' } : {}) },
      tags: Object.keys(tags).length > 0 ? tags : undefined,
    });
    const id = answer.QueueUrl ?? '';
    return { id, attributes: { Arn: context.arn('sqs', QueueName), QueueName, QueueUrl: id } };
  },
  async update(change, context) {
    const { id: QueueUrl, changed, properties } = change;
    const names = Object.keys(attributes).filter((name) => changed.has(name));
    if (names.length > 0) {
      await context.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: attributesFor(names, properties) });
    }
    await syncTags(change, {
      add: (tags) =>
        context.call('sqs', 'TagQueue', {
          QueueUrl,
          Tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
        }),
      remove: (TagKeys) => context.call('sqs', 'UntagQueue', { QueueUrl, TagKeys }),
    });
    return undefined;
  },
  async delete({ id }, context) {
    await unlessGone(context.call('sqs', 'DeleteQueue', { QueueUrl: id }));
  },
};

const attributesFor = (names: readonly string[], properties: JsonObject): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, attributeText(properties[name] ?? attributes[name] ?? '')]));

const attributeText = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

export const queuePolicy: ResourceType = {
  name: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: 'update', Queues: 'update' },
  required: ['PolicyDocument', 'Queues'],
  attributes: ['Id'],
  async create(properties, context) {
    const id = context.physicalName(128);
    for (const url of queuesOf(properties)) await setPolicy(url, properties.PolicyDocument, context);
    return { id, attributes: { Id: id } };
  },
  async update({ previous, properties }, context) {
    const { removed } = difference(queuesOf(previous), queuesOf(properties));
    for (const url of removed) await unlessGone(setPolicy(url, '', context));
    for (const url of queuesOf(properties)) await setPolicy(url, properties.PolicyDocument, context);
    return undefined;
  },
  async delete({ properties }, context) {
    for (const url of queuesOf(properties)) await unlessGone(setPolicy(url, '', context));
  },
};

const queuesOf = (properties: JsonObject): string[] => listOf(properties.Queues).map(String);

const setPolicy = (QueueUrl: string, policy: Json | undefined, { call }: ResourceContext) =>
  call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy: attributeText(policy ?? '') } });
