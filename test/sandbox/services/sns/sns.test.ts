/** SNS: from a topic to its subscriptions, past filters and policies. */

import { beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../../src/sandbox/contract.ts';
import { createSnsService } from '../../../../src/sandbox/services/sns/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { type Fakes, fakes, letting, payloadOf } from '../events/fakes.ts';

const region = 'us-east-1';
const queue = `arn:aws:sqs:${region}:111122223333:inbox`;
const lambda = `arn:aws:lambda:${region}:111122223333:function:worker`;
let world: Fakes;
let sandbox: TestSandbox;
let TopicArn: string;

beforeEach(async () => {
  world = fakes();
  sandbox = testSandbox([...world.factories, createSnsService]);
  ({ TopicArn } = await sns<{ TopicArn: string }>('CreateTopic', { Name: 'alerts' }));
});

const sns = <Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> =>
  sandbox.call<Output>('sns', operation, input);
const subscribe = (Protocol: string, Endpoint: string, Attributes = {}): Promise<{ SubscriptionArn: string }> =>
  sns('Subscribe', { TopicArn, Protocol, Endpoint, Attributes });
const publish = async (more: object = {}): Promise<void> => {
  await sns('Publish', { TopicArn, Message: '{"photo":1}', Subject: 'new', ...more });
  await sandbox.clock.advance(1000);
};

describe('a subscription', () => {
  test('of a queue gets the notification, or the bare message', async () => {
    world.policy = letting('sns.amazonaws.com', TopicArn);
    const { SubscriptionArn } = await subscribe('sqs', queue);
    await publish();
    const body = JSON.parse(String(world.received[0]?.input.MessageBody));
    expect(body).toMatchObject({ Type: 'Notification', TopicArn, Subject: 'new', Message: '{"photo":1}' });
    await sns('SetSubscriptionAttributes', {
      SubscriptionArn,
      AttributeName: 'RawMessageDelivery',
      AttributeValue: 'true',
    });
    await publish({ MessageAttributes: { kind: { DataType: 'String', StringValue: 'photo' } } });
    expect(world.received[1]?.input).toMatchObject({
      MessageBody: '{"photo":1}',
      MessageAttributes: { kind: { StringValue: 'photo' } },
    });
  });

  test('of a function gets an SNS record', async () => {
    world.policy = letting('sns.amazonaws.com', TopicArn);
    await subscribe('lambda', lambda);
    await publish();
    const [received] = world.received;
    expect(received && payloadOf(received)).toMatchObject({
      Records: [{ EventSource: 'aws:sns', Sns: { Message: '{"photo":1}' } }],
    });
  });

  test('gets nothing when its policy does not let the topic in', async () => {
    world.policy = letting('sns.amazonaws.com', `${TopicArn}-other`);
    await subscribe('sqs', queue);
    await publish();
    await sandbox.clock.advance(7_200_000);
    expect(world.received).toEqual([]);
  });

  test('is tried again while its endpoint is unwell', async () => {
    world.policy = letting('sns.amazonaws.com');
    await subscribe('sqs', queue);
    world.failure = new AwsError('ServiceUnavailable', 'Later.', { status: 503 });
    await publish();
    world.failure = undefined;
    await sandbox.clock.advance(60_000);
    expect(world.received).toHaveLength(1);
  });

  test('filters by attributes, or by the message', async () => {
    world.policy = letting('sns.amazonaws.com');
    await subscribe('sqs', queue, { FilterPolicy: '{"kind":["photo"],"size":[{"numeric":[">",10]}]}' });
    await subscribe('lambda', lambda, { FilterPolicy: '{"photo":[1]}', FilterPolicyScope: 'MessageBody' });
    await publish({
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'photo' },
        size: { DataType: 'Number', StringValue: '9' },
      },
    });
    expect(world.received.map(({ service }) => service)).toEqual(['lambda']);
    await publish({
      Message: '{"photo":2}',
      MessageAttributes: {
        kind: { DataType: 'String', StringValue: 'photo' },
        size: { DataType: 'Number', StringValue: '11' },
      },
    });
    expect(world.received.map(({ service }) => service)).toEqual(['lambda', 'sqs']);
  });

  test('by mail waits for its confirmation; others are refused by name', async () => {
    expect(await subscribe('email', 'ops@example.com')).toEqual({ SubscriptionArn: 'pending confirmation' });
    const listed = await sns('ListSubscriptionsByTopic', { TopicArn });
    expect(listed).toMatchObject({
      Subscriptions: [{ SubscriptionArn: 'PendingConfirmation', Endpoint: 'ops@example.com' }],
    });
    await expect(subscribe('https', 'https://example.com')).rejects.toThrow('https subscriptions');
  });
});

test('a topic is made once, keeps its policy and tags, and takes its subscriptions with it', async () => {
  expect(await sns('CreateTopic', { Name: 'alerts' })).toEqual({ TopicArn });
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sns:Publish', Resource: TopicArn }];
  const policy = JSON.stringify({ Statement });
  await sns('SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue: policy });
  expect(await sns('GetTopicAttributes', { TopicArn })).toMatchObject({
    Attributes: { Policy: policy, SubscriptionsConfirmed: '0' },
  });
  await subscribe('sqs', queue);
  await sns('DeleteTopic', { TopicArn });
  expect(await sns('ListSubscriptions', {})).toMatchObject({ Subscriptions: [] });
  await expect(publish()).rejects.toMatchObject({ code: 'NotFoundException' });
});
