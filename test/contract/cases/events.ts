/** EventBridge and SNS: patterns, delivery to queues, permissions, and what they refuse. */

import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  InvalidEventPatternException,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  TestEventPatternCommand,
} from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  CreateTopicCommand,
  DeleteTopicCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  NotFoundException,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, refused } from '../contract.ts';

const envelope = {
  id: '1',
  'detail-type': 'T',
  source: 'app',
  account: '111122223333',
  time: '2026-11-23T12:00:00Z',
  region: 'us-east-1',
  resources: [],
};

export const events = [
  contractCase('patterns match as documented', async (target) => {
    const client = target.client(EventBridgeClient);
    const detail = { name: '/app/db', count: 5, state: 'ok', tags: ['a', 'b'], ip: '10.0.0.7', none: null, empty: '' };
    const Event = JSON.stringify({ ...envelope, detail });
    const matches = async (pattern: object): Promise<boolean | undefined> =>
      (await client.send(new TestEventPatternCommand({ Event, EventPattern: JSON.stringify({ detail: pattern }) })))
        .Result;
    for (const [pattern, expected] of [
      [{ name: [{ prefix: '/app/' }] }, true],
      [{ name: [{ suffix: '/db' }] }, true],
      [{ name: [{ wildcard: '/a*/d*' }] }, true],
      [{ name: [{ 'equals-ignore-case': '/APP/DB' }] }, true],
      [{ name: [{ 'anything-but': ['/app/db'] }] }, false],
      [{ name: [{ 'anything-but': { prefix: '/web' } }] }, true],
      [{ count: [{ numeric: ['>', 0, '<=', 5] }] }, true],
      [{ count: [{ numeric: ['>', 5] }] }, false],
      [{ count: ['5'] }, false],
      [{ tags: ['b', 'c'] }, true],
      [{ missing: [{ exists: false }] }, true],
      [{ name: [{ exists: false }] }, false],
      [{ ip: [{ cidr: '10.0.0.0/24' }] }, true],
      [{ none: [null] }, true],
      [{ empty: [''] }, true],
      [{ $or: [{ state: ['bad'] }, { count: [5] }] }, true],
      [{ state: ['ok'], count: [6] }, false],
    ] as const) {
      expect([pattern, await matches(pattern)]).toEqual([pattern, expected]);
    }
  }),

  contractCase(
    'an event that matches reaches the queue, whole',
    async (target) => {
      const client = target.client(EventBridgeClient);
      const bus = target.name();
      await client.send(new CreateEventBusCommand({ Name: bus }));
      target.after(() => client.send(new DeleteEventBusCommand({ Name: bus })));
      await refused(client.send(new CreateEventBusCommand({ Name: bus })), ResourceAlreadyExistsException, 400);
      const { arn, receive } = await queueOf(target, 'events.amazonaws.com');
      const rule = { EventBusName: bus, Name: target.name() };
      const { RuleArn } = await client.send(new PutRuleCommand({ ...rule, EventPattern: '{"source":["app"]}' }));
      target.after(() => client.send(new DeleteRuleCommand(rule)));
      const put = await client.send(
        new PutTargetsCommand({ EventBusName: bus, Rule: rule.Name, Targets: [{ Id: 'q', Arn: arn }] }),
      );
      expect(put.FailedEntryCount).toBe(0);
      target.after(() => client.send(new RemoveTargetsCommand({ EventBusName: bus, Rule: rule.Name, Ids: ['q'] })));
      expect(await client.send(new DescribeRuleCommand(rule))).toMatchObject({
        Arn: RuleArn,
        State: 'ENABLED',
        EventBusName: bus,
      });
      const listed = await client.send(new ListTargetsByRuleCommand({ EventBusName: bus, Rule: rule.Name }));
      expect(listed.Targets).toEqual([{ Id: 'q', Arn: arn }]);
      const entry = { EventBusName: bus, DetailType: 'T', Detail: '{"a":1}' };
      const sent = await client.send(
        new PutEventsCommand({
          Entries: [
            { ...entry, Source: 'other' },
            { ...entry, Source: 'app' },
            { ...entry, Source: 'app', Detail: '{' },
          ],
        }),
      );
      expect([sent.FailedEntryCount, sent.Entries?.[2]?.ErrorCode]).toEqual([1, 'MalformedDetail']);
      const event: unknown = JSON.parse(await receive());
      expect(event).toMatchObject({
        version: '0',
        id: sent.Entries?.[1]?.EventId,
        source: 'app',
        'detail-type': 'T',
        detail: { a: 1 },
        region: target.region,
        account: target.account,
        resources: [],
      });
    },
    { cost: 'cents', minutes: 2 },
  ),

  contractCase('bad input: patterns, events, policies, rules that are not there', async (target) => {
    const client = target.client(EventBridgeClient);
    const rule = (EventPattern: string) => client.send(new PutRuleCommand({ Name: target.name(), EventPattern }));
    for (const pattern of [
      '{',
      '[]',
      '{"a":"b"}',
      '{"a":[{"numeric":["constructor",5]}]}',
      '{"a":[{"nonsense":1}]}',
      '{"a":[]}',
    ]) {
      await refused(rule(pattern), InvalidEventPatternException, 400);
    }
    await refused(
      client.send(new PutRuleCommand({ Name: target.name(), ScheduleExpression: 'rate(0 minutes)' })),
      'ValidationException',
      400,
    );
    await refused(client.send(new PutRuleCommand({ Name: target.name() })), 'ValidationException', 400);
    await refused(
      client.send(new TestEventPatternCommand({ EventPattern: '{"a":["b"]}', Event: 'nonsense' })),
      'ValidationException',
      400,
    );
    await refused(
      client.send(new PutPermissionCommand({ Policy: '{"Version":"2012-10-17","Statement":{"Effect":"Allow"}}' })),
      'ValidationException',
      400,
    );
    await refused(client.send(new DescribeRuleCommand({ Name: 'pl-contract-none' })), ResourceNotFoundException, 400);
    await refused(
      client.send(new ListRulesCommand({ EventBusName: 'pl-contract-none' })),
      ResourceNotFoundException,
      400,
    );
  }),
];

export const sns = [
  contractCase(
    'a message reaches a queue, wrapped or raw, if its attributes pass the filter',
    async (target) => {
      const client = target.client(SNSClient);
      const { TopicArn } = await client.send(new CreateTopicCommand({ Name: target.name() }));
      target.after(() => client.send(new DeleteTopicCommand({ TopicArn })));
      const wrapped = await queueOf(target, 'sns.amazonaws.com');
      const raw = await queueOf(target, 'sns.amazonaws.com');
      await client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: wrapped.arn }));
      const Attributes = { RawMessageDelivery: 'true', FilterPolicy: '{"kind":["good"]}' };
      await client.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: raw.arn, Attributes }));
      const publish = (Message: string, kind: string) =>
        client.send(
          new PublishCommand({
            TopicArn,
            Message,
            Subject: 's',
            MessageAttributes: { kind: { DataType: 'String', StringValue: kind } },
          }),
        );
      // A filter takes up to 15 minutes to be in force on AWS.
      const { MessageId } = await publish('hello', 'good');
      expect(JSON.parse(await wrapped.receive())).toMatchObject({
        Type: 'Notification',
        MessageId,
        TopicArn,
        Subject: 's',
        Message: 'hello',
      });
      expect(await raw.receive()).toBe('hello');
    },
    { cost: 'cents' },
  ),

  contractCase('bad input: policies, topics that are not there', async (target) => {
    const client = target.client(SNSClient);
    const { TopicArn } = await client.send(new CreateTopicCommand({ Name: target.name() }));
    target.after(() => client.send(new DeleteTopicCommand({ TopicArn })));
    const permit = (AWSAccountId: string, ActionName: string) =>
      client.send(
        new AddPermissionCommand({ TopicArn, Label: 'l', AWSAccountId: [AWSAccountId], ActionName: [ActionName] }),
      );
    await refused(permit('nobody', 'Publish'), InvalidParameterException, 400);
    await refused(permit(target.account, 'not an action'), InvalidParameterException, 400);
    await refused(
      client.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue: '{' })),
      InvalidParameterException,
      400,
    );
    expect((await client.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes).toMatchObject({
      TopicArn,
      Owner: target.account,
    });
    await refused(
      client.send(new PublishCommand({ TopicArn: `${TopicArn}-none`, Message: 'x' })),
      NotFoundException,
      404,
    );
    await refused(client.send(new CreateTopicCommand({ Name: 'not a name' })), InvalidParameterException, 400);
  }),
];

/** A queue a service of AWS may send to. */
async function queueOf(
  target: ContractTarget,
  service: string,
): Promise<{ arn: string; receive: () => Promise<string> }> {
  const client = target.client(SQSClient);
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: target.name() }));
  target.after(() => client.send(new DeleteQueueCommand({ QueueUrl })));
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const arn = Attributes?.QueueArn ?? '';
  const Statement = [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sqs:SendMessage', Resource: arn }];
  await client.send(
    new SetQueueAttributesCommand({
      QueueUrl,
      Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) },
    }),
  );
  return {
    arn,
    receive: () =>
      target.eventually(async () => {
        const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 2 }));
        const [message] = Messages;
        if (message?.Body === undefined) throw new Error('No message has come.');
        return message.Body;
      }),
  };
}
