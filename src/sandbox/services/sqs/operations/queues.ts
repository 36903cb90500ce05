/** Queues themselves: created, found, configured, purged, deleted. */

import type {
  CreateQueueCommandInput,
  DeleteQueueCommandInput,
  GetQueueAttributesCommandInput,
  GetQueueUrlCommandInput,
  ListQueuesCommandInput,
  PurgeQueueCommandInput,
  SetQueueAttributesCommandInput,
} from '@aws-sdk/client-sqs';
import { AwsError, operation } from '../../../contract.ts';
import { onQueue, queueAsk } from '../asks.ts';
import { changedAttributes, defaultAttributes, invalidValue, redriveOf } from '../attributes.ts';
import { accept, present, unsupported } from '../members.ts';
import type { Queues } from '../queues.ts';
import { noSuchQueue } from '../queues.ts';
import { alive } from '../receive.ts';
import type { QueueRecord } from '../records.ts';
import type { Waiters } from '../waiters.ts';

/** A deleted queue's name, and a purge, are locked for a minute. */
const minute = 60_000;

export const queueOperations = (queues: Queues, waiters: Waiters) => ({
  CreateQueue: operation(
    async (input: CreateQueueCommandInput, call) => {
      accept('CreateQueue', input, ['QueueName', 'Attributes', 'tags']);
      const name = checkedName(input.QueueName);
      const attributes = changedAttributes(defaultAttributes, input.Attributes ?? {});
      checkRedrive(queues, call.region, attributes);
      const QueueUrl = queues.url(call, name);
      const existing = queues.table(call.region).get(name);
      if (existing !== undefined) {
        const differs = Object.keys(input.Attributes ?? {}).find((key) => attributes[key] !== existing.attributes[key]);
        if (differs === undefined) return { QueueUrl };
        throw new AwsError(
          'QueueNameExists',
          `A queue already exists with the same name and a different value for attribute ${differs}`,
        );
      }
      const now = queues.now(call.region);
      const deletedAt = queues.graves(call.region).get(name);
      if (deletedAt !== undefined && now - deletedAt < minute) {
        throw new AwsError(
          'QueueDeletedRecently',
          'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
        );
      }
      const keyArn = await resolveKey(queues, call.region, attributes);
      queues.table(call.region).put(name, {
        name,
        region: call.region,
        createdAt: now,
        modifiedAt: now,
        attributes,
        tags: { ...input.tags },
        ...(keyArn === undefined ? {} : { keyArn }),
      });
      return { QueueUrl };
    },
    (input: CreateQueueCommandInput, call) => [
      queueAsk('CreateQueue', input.QueueName ?? '', call),
      ...(Object.keys(input.tags ?? {}).length > 0 ? [queueAsk('TagQueue', input.QueueName ?? '', call)] : []),
    ],
  ),

  DeleteQueue: operation((input: DeleteQueueCommandInput, call) => {
    accept('DeleteQueue', input, ['QueueUrl']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    clear(queues, queue);
    queues.table(call.region).delete(queue.name);
    queues.graves(call.region).put(queue.name, queues.now(call.region));
    waiters.wake(call.region, queue.name);
    return {};
  }, onQueue('DeleteQueue')),

  GetQueueUrl: operation(
    (input: GetQueueUrlCommandInput, call) => {
      accept('GetQueueUrl', input, ['QueueName', 'QueueOwnerAWSAccountId']);
      const owner = input.QueueOwnerAWSAccountId ?? call.account;
      if (!queues.table(call.region).has(input.QueueName ?? '') || owner !== call.account) throw noSuchQueue();
      return { QueueUrl: queues.url(call, input.QueueName ?? '') };
    },
    (input: GetQueueUrlCommandInput, call) => [queueAsk('GetQueueUrl', input.QueueName ?? '', call)],
  ),

  ListQueues: operation(
    (input: ListQueuesCommandInput, call) => {
      accept('ListQueues', input, ['QueueNamePrefix', 'MaxResults', 'NextToken']);
      const after = Buffer.from(input.NextToken ?? '', 'base64url').toString();
      const names = queues
        .table(call.region)
        .values()
        .map((queue) => queue.name)
        .filter((name) => name.startsWith(input.QueueNamePrefix ?? '') && name > after)
        .sort();
      const page = names.slice(0, input.MaxResults ?? 1000);
      const last = page.length < names.length ? page.at(-1) : undefined;
      return present({
        QueueUrls: page.map((name) => queues.url(call, name)),
        NextToken: last === undefined ? undefined : Buffer.from(last).toString('base64url'),
      });
    },
    (_input, call) => [queueAsk('ListQueues', '', call)],
  ),

  GetQueueAttributes: operation((input: GetQueueAttributesCommandInput, call) => {
    accept('GetQueueAttributes', input, ['QueueUrl', 'AttributeNames']);
    const all = allAttributes(queues, queues.byUrl(call.region, input.QueueUrl));
    const names = input.AttributeNames ?? [];
    if (names.includes('All')) return { Attributes: all };
    const asked = Object.entries(all).filter(([name]) => (names as string[]).includes(name));
    return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) };
  }, onQueue('GetQueueAttributes')),

  SetQueueAttributes: operation(async (input: SetQueueAttributesCommandInput, call) => {
    accept('SetQueueAttributes', input, ['QueueUrl', 'Attributes']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    const attributes = changedAttributes(queue.attributes, input.Attributes ?? {});
    checkRedrive(queues, call.region, attributes);
    const keyArn = await resolveKey(queues, call.region, attributes);
    queues.table(call.region).update(queue.name, ({ keyArn: _before, ...record }) => ({
      ...record,
      attributes,
      modifiedAt: queues.now(call.region),
      ...(keyArn === undefined ? {} : { keyArn }),
    }));
    return {};
  }, onQueue('SetQueueAttributes')),

  PurgeQueue: operation((input: PurgeQueueCommandInput, call) => {
    accept('PurgeQueue', input, ['QueueUrl']);
    const queue = queues.byUrl(call.region, input.QueueUrl);
    const now = queues.now(call.region);
    if (queue.purgedAt !== undefined && now - queue.purgedAt < minute) {
      throw new AwsError(
        'PurgeQueueInProgress',
        `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
        { status: 403 },
      );
    }
    clear(queues, queue);
    queues.table(call.region).update(queue.name, (record) => ({ ...record, purgedAt: now }));
    return {};
  }, onQueue('PurgeQueue')),
});

function checkedName(name: string | undefined): string {
  if (name?.endsWith('.fifo') === true) throw unsupported('FIFO queues', 'CreateQueue');
  if (name === undefined || !/^[A-Za-z0-9_-]{1,80}$/.test(name)) {
    throw new AwsError(
      'InvalidParameterValue',
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  return name;
}

function checkRedrive(queues: Queues, region: string, attributes: Record<string, string>): void {
  const redrive = redriveOf(attributes);
  if (redrive === undefined) return;
  const target = queues.byArn(redrive.deadLetterTargetArn);
  if (target !== undefined && target.region === region) return;
  throw invalidValue(
    `Value ${attributes.RedrivePolicy ?? ''} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.`,
  );
}

/** The ARN behind the queue's key, for IAM; SQS doesn't mind a key that isn't there until it is used. */
async function resolveKey(
  queues: Queues,
  region: string,
  attributes: Record<string, string>,
): Promise<string | undefined> {
  const key = attributes.KmsMasterKeyId;
  if (key === undefined || key.endsWith('alias/aws/sqs')) return undefined;
  try {
    const { KeyMetadata: metadata } = await queues.core.invoke<{ KeyMetadata?: { Arn?: string } }>({
      service: 'kms',
      operation: 'DescribeKey',
      region,
      input: { KeyId: key },
      principal: queues.core.as('sqs'),
    });
    return metadata?.Arn;
  } catch (error) {
    queues.core.log({ service: 'sqs', region, text: `the key ${key} was not found: ${String(error)}` });
    return undefined;
  }
}

function clear(queues: Queues, queue: QueueRecord): void {
  const table = queues.messages(queue);
  for (const message of table.values()) table.delete(message.id);
}

function allAttributes(queues: Queues, queue: QueueRecord): Record<string, string> {
  const now = queues.now(queue.region);
  const messages = alive(queues, queue);
  const hidden = messages.filter((message) => message.visibleAt > now);
  const inFlight = hidden.filter((message) => message.receiveCount > 0).length;
  return {
    ...queue.attributes,
    QueueArn: queues.arn(queue.region, queue.name),
    CreatedTimestamp: String(Math.floor(queue.createdAt / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedAt / 1000)),
    ApproximateNumberOfMessages: String(messages.length - hidden.length),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(hidden.length - inFlight),
  };
}
