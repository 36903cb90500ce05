/** EventBridge on a virtual clock: from PutEvents and schedules to targets, with permissions, retries and what is left over. */

import type { PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../../../../src/sandbox/contract.ts';
import { AwsError } from '../../../../src/sandbox/contract.ts';
import { createEventsService } from '../../../../src/sandbox/services/events/operations.ts';
import { createLogsService } from '../../../../src/sandbox/services/logs/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { type Fakes, fakes, letting, payloadOf } from './fakes.ts';

const primary = 'us-east-1';
const recovery = 'us-west-2';
const lambdaArn = `arn:aws:lambda:${primary}:111122223333:function:worker`;
const ruleArn = `arn:aws:events:${primary}:111122223333:rule/changes`;
const role = 'arn:aws:iam::111122223333:role/forwarder';
const someone: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/a',
  userName: 'a',
};

let world: Fakes;
let sandbox: TestSandbox;
beforeEach(() => {
  world = fakes();
  sandbox = testSandbox([...world.factories, createEventsService, createLogsService]);
});

const events = <Output = Record<string, unknown>>(
  operation: string,
  input: object,
  region = primary,
  principal?: Principal,
): Promise<Output> => sandbox.call<Output>('events', operation, input, region, principal);

async function rule(
  targets: object[],
  more: object = { EventPattern: '{"source":["app"]}' },
  region = primary,
): Promise<void> {
  await events('PutRule', { Name: 'changes', ...more }, region);
  await events('PutTargets', { Rule: 'changes', Targets: targets }, region);
}

const put = (more: object = {}, principal?: Principal): Promise<PutEventsCommandOutput> =>
  events(
    'PutEvents',
    { Entries: [{ Source: 'app', DetailType: 'done', Detail: '{"n":1}', ...more }] },
    primary,
    principal,
  );

describe('delivery', () => {
  test('reaches a function whose policy lets the rule in, after the modelled latency', async () => {
    world.policy = letting('events.amazonaws.com', ruleArn);
    await rule([{ Id: '1', Arn: lambdaArn }]);
    await put();
    expect(world.received).toEqual([]);
    await sandbox.clock.advance(200);
    expect(world.received).toMatchObject([
      { operation: 'Invoke', input: { FunctionName: lambdaArn, InvocationType: 'Event' } },
    ]);
    const [received] = world.received;
    expect(received && payloadOf(received)).toMatchObject({
      version: '0',
      source: 'app',
      'detail-type': 'done',
      region: primary,
      account: '111122223333',
      time: '2026-11-23T12:00:00Z',
      detail: { n: 1 },
    });
  });

  test('fails for good without that policy, or with one for another rule', async () => {
    await rule([{ Id: '1', Arn: lambdaArn }]);
    await put();
    await sandbox.clock.advance(3_600_000);
    world.policy = letting('events.amazonaws.com', `${ruleArn}-other`);
    await put();
    await sandbox.clock.advance(3_600_000);
    expect(world.received).toEqual([]);
  });

  test('starts an execution with the target’s role', async () => {
    const Arn = `arn:aws:states:${primary}:111122223333:stateMachine:dev-dr-failover`;
    await expect(rule([{ Id: '1', Arn }])).rejects.toThrow('RoleArn is required');
    await rule([{ Id: '1', Arn, RoleArn: role, InputPath: '$.detail' }]);
    await put();
    await sandbox.clock.advance(1000);
    expect(world.received).toMatchObject([
      { operation: 'StartExecution', by: 'forwarder', input: { stateMachineArn: Arn, input: '{"n":1}' } },
    ]);
  });

  test('is tried again while the target is unwell, and set aside with the reason once too old', async () => {
    world.policy = letting('events.amazonaws.com');
    world.failure = new AwsError('ThrottlingException', 'Later.', { status: 400 });
    await rule([{ Id: '1', Arn: lambdaArn }]);
    await put();
    await sandbox.clock.advance(60_000);
    world.failure = undefined;
    await sandbox.clock.advance(300_000);
    expect(world.received).toHaveLength(1);

    const queue = `arn:aws:sqs:${primary}:111122223333:left-over`;
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 };
    await rule([{ Id: '1', Arn: `${lambdaArn}:broken`, RetryPolicy, DeadLetterConfig: { Arn: queue } }]);
    sandbox.dispatcher.register({
      name: 'lambda',
      operations: {
        GetPolicy: { handle: () => ({ Policy: world.policy }) },
        Invoke: {
          handle: () => {
            throw new AwsError('ServiceException', 'Down.', { status: 500 });
          },
        },
      },
    });
    await put();
    await sandbox.clock.advance(120_000);
    expect(world.received[1]).toMatchObject({
      operation: 'SendMessage',
      input: {
        QueueUrl: 'http://queue/left-over',
        MessageAttributes: { ERROR_CODE: { StringValue: 'ServiceException' } },
      },
    });
  });

  test('of a disabled rule, or of an event that does not fit, is none', async () => {
    world.policy = letting('events.amazonaws.com');
    await rule([{ Id: '1', Arn: lambdaArn }]);
    await put({ Source: 'other' });
    await events('DisableRule', { Name: 'changes' });
    await put();
    await sandbox.clock.advance(10_000);
    expect(world.received).toEqual([]);
  });

  test('writes to a log group whose policies allow it', async () => {
    const logGroupName = '/aws/events/changes';
    await sandbox.call('logs', 'CreateLogGroup', { logGroupName });
    const policyDocument = letting('events.amazonaws.com');
    await sandbox.call('logs', 'PutResourcePolicy', { policyName: 'events', policyDocument });
    await rule([{ Id: '1', Arn: `arn:aws:logs:${primary}:111122223333:log-group:${logGroupName}` }]);
    await put();
    await sandbox.clock.advance(1000);
    const found = await sandbox.call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', { logGroupName });
    expect(found.events.map(({ message }) => JSON.parse(message))).toMatchObject([{ source: 'app' }]);
  });
});

describe('PutEvents', () => {
  test('lets only AWS speak as AWS, and refuses malformed entries one by one', async () => {
    const answer = await put({ Source: 'aws.health' }, someone);
    expect(answer).toMatchObject({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] });
    expect(await put({ Source: 'aws.health' })).toMatchObject({ FailedEntryCount: 0 });
    expect(await put({ Detail: '[]' })).toMatchObject({ Entries: [{ ErrorCode: 'MalformedDetail' }] });
    expect(await put({ EventBusName: 'nowhere' })).toMatchObject({ Entries: [{ ErrorCode: 'InvalidArgument' }] });
  });
});

describe('a bus in another Region', () => {
  const bus = `arn:aws:events:${recovery}:111122223333:event-bus/default`;

  test('gets the event unchanged, with a role, and waits for a Region that is dark', async () => {
    world.policy = letting('events.amazonaws.com');
    const worker = lambdaArn.replace(primary, recovery);
    await rule([{ Id: '1', Arn: bus, RoleArn: role }], { EventPattern: '{"source":["aws.health"]}' });
    await rule([{ Id: '1', Arn: worker }], { EventPattern: '{"source":["aws.health"]}' }, recovery);
    sandbox.setDark(recovery, true);
    await put({ Source: 'aws.health', Resources: ['arn:thing'] });
    await sandbox.clock.advance(60_000);
    expect(world.received).toEqual([]);
    sandbox.setDark(recovery, false);
    await sandbox.clock.advance(120_000);
    expect(world.received).toMatchObject([{ operation: 'Invoke', region: recovery }]);
    const [received] = world.received;
    expect(received && payloadOf(received)).toMatchObject({
      source: 'aws.health',
      region: primary,
      resources: ['arn:thing'],
    });
  });

  test('needs a role', async () => {
    await rule([{ Id: '1', Arn: bus }]);
    await put();
    await sandbox.clock.advance(3_600_000);
    expect(world.received).toEqual([]);
  });

  test('passes nothing on to a third bus', async () => {
    const back = bus.replace(recovery, primary);
    await rule([{ Id: '1', Arn: bus, RoleArn: role }]);
    await rule([{ Id: '1', Arn: back, RoleArn: role }], { EventPattern: '{"source":["app"]}' }, recovery);
    await events('PutRule', { Name: 'watch', EventPattern: '{"source":["app"]}' });
    await events('PutTargets', { Rule: 'watch', Targets: [{ Id: '1', Arn: lambdaArn }] });
    world.policy = letting('events.amazonaws.com');
    await put();
    await sandbox.clock.advance(60_000);
    expect(world.received).toHaveLength(1);
  });
});

describe('a scheduled rule', () => {
  test('runs at its minutes, once each, and not while its Region is dark', async () => {
    world.policy = letting('events.amazonaws.com');
    await rule([{ Id: '1', Arn: lambdaArn }], { ScheduleExpression: 'cron(0/5 * * * ? *)' });
    await sandbox.clock.advance(11 * 60_000);
    expect(world.received).toHaveLength(2);
    sandbox.setDark(primary, true);
    await sandbox.clock.advance(20 * 60_000);
    sandbox.setDark(primary, false);
    expect(world.received).toHaveLength(2);
    await sandbox.clock.advance(5 * 60_000);
    expect(world.received).toHaveLength(3);
    const [received] = world.received;
    expect(received && payloadOf(received)).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [ruleArn],
      detail: {},
    });
  });

  test('at a rate counts from when it was made or enabled', async () => {
    world.policy = letting('events.amazonaws.com');
    await rule([{ Id: '1', Arn: lambdaArn }], { ScheduleExpression: 'rate(2 minutes)', State: 'DISABLED' });
    await sandbox.clock.advance(10 * 60_000);
    expect(world.received).toHaveLength(0);
    await events('EnableRule', { Name: 'changes' });
    await sandbox.clock.advance(4.5 * 60_000);
    expect(world.received).toHaveLength(2);
  });
});

test('rules are described, listed and taken apart in order', async () => {
  await rule([{ Id: '1', Arn: lambdaArn }]);
  expect(await events('DescribeRule', { Name: 'changes' })).toMatchObject({
    Arn: ruleArn,
    State: 'ENABLED',
    EventBusName: 'default',
  });
  expect(await events('ListRuleNamesByTarget', { TargetArn: lambdaArn })).toMatchObject({ RuleNames: ['changes'] });
  await expect(events('DeleteRule', { Name: 'changes' })).rejects.toThrow('has targets');
  await events('RemoveTargets', { Rule: 'changes', Ids: ['1'] });
  await events('DeleteRule', { Name: 'changes' });
  await expect(events('DescribeRule', { Name: 'changes' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

test('targets the sandbox can not play are refused by name', async () => {
  await expect(rule([{ Id: '1', Arn: `arn:aws:ecs:${primary}:111122223333:cluster/x` }])).rejects.toMatchObject({
    code: 'UnsupportedOperation',
  });
  await expect(rule([{ Id: '1', Arn: lambdaArn, EcsParameters: { TaskDefinitionArn: 'x' } }])).rejects.toThrow(
    'EcsParameters',
  );
});

describe('events that are lost or come twice', () => {
  const arrived = () => world.received.map((received) => payloadOf(received) as { id: string; source: string });
  const both = async () => {
    world.policy = letting('events.amazonaws.com');
    await rule([{ Id: '1', Arn: lambdaArn }], { EventPattern: '{"source":["app","aws.ssm"]}' });
  };
  const putSsm = () => put({ Source: 'aws.ssm', DetailType: 'Parameter Store Change' }, sandbox.core.as('ssm'));

  test('are accepted all the same; what is lost stays lost, and what comes after arrives', async () => {
    await both();
    const fault = await sandbox.board.raise({ kind: 'dropped-events', region: primary, source: 'aws.ssm', share: 1 });
    expect(await putSsm()).toMatchObject({ FailedEntryCount: 0 });
    await put();
    await sandbox.clock.advance(86_400_000);
    expect(arrived().map(({ source }) => source)).toEqual(['app']);
    await sandbox.board.lift(fault.id);
    await putSsm();
    await sandbox.clock.advance(200);
    expect(arrived().map(({ source }) => source)).toEqual(['app', 'aws.ssm']);
  });

  test('are the same event twice', async () => {
    await both();
    const fault = await sandbox.board.raise({ kind: 'doubled-events', region: primary, share: 1 });
    await put();
    await sandbox.clock.advance(200);
    const [first, second] = arrived();
    expect(arrived()).toHaveLength(2);
    expect(first?.id).toBe(second?.id);
    await sandbox.board.lift(fault.id);
    await put();
    await sandbox.clock.advance(200);
    expect(arrived()).toHaveLength(3);
  });

  test('are a share of them, in one Region, also after an outage of it', async () => {
    await both();
    await sandbox.board.raise({ kind: 'dropped-events', region: primary, share: 0.5 });
    await sandbox.board.raise({ kind: 'dropped-events', region: recovery, share: 1 });
    sandbox.setDark(primary, true);
    sandbox.setDark(primary, false);
    for (let n = 0; n < 200; n++) await put();
    await sandbox.clock.advance(200);
    expect(arrived().length).toBeGreaterThan(60);
    expect(arrived().length).toBeLessThan(140);
  });
});
