/** What is on its way when the sandbox is killed arrives, and arrives once: SNS, EventBridge, Scheduler, SQS, Lambda, CloudWatch. */

import { describe, expect, test } from 'vitest';
import { expectSameEnd } from './expect-same-end.ts';
import {
  account,
  began,
  bodiesIn,
  here,
  makeFunction,
  makeQueue,
  makeRole,
  minutes,
  role,
  seconds,
  there,
  type WholeWorld,
  wholeWorld,
} from './whole-world.ts';

const topicTo = async (world: WholeWorld, Endpoint: string): Promise<string> => {
  const { TopicArn } = await world.call<{ TopicArn: string }>('sns', 'CreateTopic', { Name: 'news' });
  const Attributes = { RawMessageDelivery: 'true' };
  await world.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint, Attributes });
  return TopicArn;
};

describe('a message published to a topic', () => {
  test.each([
    ['reaches its queue once', 0],
    ['is tried again until its queue takes it', began + 3 * minutes],
  ])('%s', async (_, queuesDownUntil) => {
    const end = await expectSameEnd({
      world: wholeWorld({ queuesDownUntil }),
      async begin(world) {
        const { arn, url } = await makeQueue(world, 'inbox');
        const TopicArn = await topicTo(world, arn);
        for (const Message of ['one', 'two']) await world.call('sns', 'Publish', { TopicArn, Message });
        return url;
      },
      lasts: 10 * minutes,
      end: bodiesIn,
    });
    expect(end).toEqual(['one', 'two']);
  });
});

describe('an event', () => {
  test.each([
    ['reaches its target in another Region once', 0],
    ['is tried again until its target takes it', began + 4 * minutes],
  ])('%s', async (_, queuesDownUntil) => {
    const end = await expectSameEnd({
      world: wholeWorld({ queuesDownUntil }),
      async begin(world) {
        await makeRole(world);
        const { arn, url } = await makeQueue(world, 'inbox');
        const bus = { Name: 'work', EventPattern: '{"source":["photos"]}' };
        await world.call('events', 'PutRule', bus);
        const Targets = [{ Id: 'queue', Arn: arn, InputPath: '$.detail' }];
        await world.call('events', 'PutTargets', { Rule: 'work', Targets });
        const forward = { Name: 'forward', EventPattern: '{"source":["photos"]}' };
        await world.call('events', 'PutRule', forward, there);
        const bus2 = [{ Id: 'bus', Arn: `arn:aws:events:${here}:${account}:event-bus/default`, RoleArn: role }];
        await world.call('events', 'PutTargets', { Rule: 'forward', Targets: bus2 }, there);
        const Entries = [1, 2].map((n) => ({ Source: 'photos', DetailType: 'made', Detail: `{"n":${n}}` }));
        await world.call('events', 'PutEvents', { Entries }, there);
        return url;
      },
      lasts: 15 * minutes,
      end: bodiesIn,
    });
    expect(end).toEqual(['{"n":1}', '{"n":2}']);
  });
});

describe('a schedule', () => {
  const schedule = (ScheduleExpression: string, Arn: string) => ({
    Name: ScheduleExpression.replaceAll(/\W/g, '-'),
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn, RoleArn: role, Input: JSON.stringify(ScheduleExpression) },
  });
  const begin = async (world: WholeWorld): Promise<string> => {
    await makeRole(world);
    const { arn, url } = await makeQueue(world, 'inbox');
    for (const expression of ['at(2026-11-23T12:07:00)', 'rate(20 minutes)'])
      await world.call('scheduler', 'CreateSchedule', schedule(expression, arn));
    await world.call('events', 'PutRule', { Name: 'regular', ScheduleExpression: 'rate(20 minutes)' });
    const Targets = [{ Id: 'queue', Arn: arn, Input: '"rule"' }];
    await world.call('events', 'PutTargets', { Rule: 'regular', Targets });
    return url;
  };

  test('runs once each time it is due', async () => {
    const end = await expectSameEnd({ world: wholeWorld(), begin, lasts: 30 * minutes, onTime: true, end: bodiesIn });
    expect(end).toEqual(['"at(2026-11-23T12:07:00)"', '"rate(20 minutes)"', '"rule"']);
  });

  test('that fell due while the sandbox was down runs then, once', async () => {
    await expectSameEnd({
      world: wholeWorld(),
      begin,
      lasts: 35 * minutes,
      down: 10 * minutes,
      onTime: true,
      end: bodiesIn,
    });
  });
});

describe('a queue', () => {
  test('shows a message again that was received and not deleted, and sets it aside after the third time', async () => {
    const end = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        const left = await makeQueue(world, 'left-over');
        const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: left.arn, maxReceiveCount: 3 });
        const { url: QueueUrl } = await makeQueue(world, 'jobs', { VisibilityTimeout: '30', RedrivePolicy });
        await world.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'later', DelaySeconds: 60 });
        for (const MessageBody of ['done', 'failed']) await world.call('sqs', 'SendMessage', { QueueUrl, MessageBody });
        for (let received = 0; received < 3; received++) {
          const { Messages = [] } = await world.call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
            'sqs',
            'ReceiveMessage',
            { QueueUrl, MaxNumberOfMessages: 10 },
          );
          for (const { Body, ReceiptHandle } of Messages)
            if (Body === 'done') await world.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
          if (received < 2) await world.sandbox.clock.advance(18 * seconds);
          if (received === 0) await world.sandbox.clock.advance(14 * seconds);
        }
        return { jobs: QueueUrl, left: left.url };
      },
      lasts: 5 * minutes,
      end: async (world, { jobs, left }) => ({ jobs: await bodiesIn(world, jobs), left: await bodiesIn(world, left) }),
    });
    expect(end).toEqual({ jobs: ['failed', 'later'], left: [] });
  });
});

describe('a function', () => {
  test('that fails is tried again, and what it can not do is set aside', async () => {
    const end = await expectSameEnd({
      world: wholeWorld({
        handler: (event) => {
          if (event === 'never') throw new Error('never');
        },
      }),
      async begin(world) {
        await makeRole(world);
        const { arn, url } = await makeQueue(world, 'left-over');
        const FunctionName = await makeFunction(world, 'worker', { DeadLetterConfig: { TargetArn: arn } });
        for (const event of ['never', 'works']) {
          const Payload = Buffer.from(JSON.stringify(event));
          await world.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event', Payload });
        }
        return url;
      },
      lasts: 15 * minutes,
      end: async (world, url) => ({
        told: [...new Set(world.outside.told.map(String))].sort(),
        left: await bodiesIn(world, url),
      }),
    });
    expect(end).toEqual({ told: ['never', 'works'], left: ['"never"'] });
  });

  test('goes on with the messages of its queue', async () => {
    const end = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        await makeRole(world);
        const { arn, url: QueueUrl } = await makeQueue(world, 'jobs');
        const FunctionName = await makeFunction(world, 'worker');
        await world.call('lambda', 'CreateEventSourceMapping', { FunctionName, EventSourceArn: arn, BatchSize: 2 });
        for (const MessageBody of ['a', 'b', 'c', 'd', 'e'])
          await world.call('sqs', 'SendMessage', { QueueUrl, MessageBody });
        return QueueUrl;
      },
      lasts: 5 * minutes,
      async end(world, url) {
        const told = world.outside.told as { Records: { body: string }[] }[];
        const { EventSourceMappings } = await world.call<{ EventSourceMappings: { State: string }[] }>(
          'lambda',
          'ListEventSourceMappings',
        );
        const bodies = told.flatMap(({ Records }) => Records.map(({ body }) => body));
        return {
          done: [...new Set(bodies)].sort(),
          left: await bodiesIn(world, url),
          states: EventSourceMappings.map(({ State }) => State),
        };
      },
    });
    expect(end).toEqual({ done: ['a', 'b', 'c', 'd', 'e'], left: [], states: ['Enabled'] });
  });
});

describe('an alarm', () => {
  test('goes off once, and tells its topic and EventBridge once', async () => {
    const end = await expectSameEnd({
      world: wholeWorld(),
      async begin(world) {
        const { arn, url } = await makeQueue(world, 'inbox');
        const TopicArn = await topicTo(world, arn);
        await world.call('events', 'PutRule', { Name: 'alarms', EventPattern: '{"source":["aws.cloudwatch"]}' });
        const Targets = [{ Id: 'queue', Arn: arn, Input: '"event"' }];
        await world.call('events', 'PutTargets', { Rule: 'alarms', Targets });
        const metric = { Namespace: 'Photos', MetricName: 'Lag' };
        await world.call('monitoring', 'PutMetricAlarm', {
          AlarmName: 'lag',
          ...metric,
          Statistic: 'Maximum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 30,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: 'ignore',
          AlarmActions: [TopicArn],
        });
        await world.call('monitoring', 'PutMetricData', {
          Namespace: metric.Namespace,
          MetricData: [{ MetricName: metric.MetricName, Value: 99 }],
        });
        return url;
      },
      lasts: 10 * minutes,
      async end(world, url) {
        type Answer = { MetricAlarms: { StateValue: string }[] };
        const { MetricAlarms } = await world.call<Answer>('monitoring', 'DescribeAlarms');
        const bodies = await bodiesIn(world, url);
        return {
          state: MetricAlarms[0]?.StateValue,
          told: bodies.map((body) =>
            body === '"event"' ? body : (JSON.parse(body) as { NewStateValue: string }).NewStateValue,
          ),
        };
      },
    });
    expect(end).toEqual({ state: 'ALARM', told: ['"event"', 'ALARM'] });
  });
});
