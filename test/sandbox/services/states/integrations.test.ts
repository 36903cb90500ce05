/** Tasks of other services: SDK integrations, optimized ones, tokens and jobs. */

import { beforeEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../../src/sandbox/contract.ts';
import { javaName } from '../../../../src/sandbox/services/states/integrations/java-names.ts';
import { newWorld, region, roleArn, type World } from './world.ts';

let world: World;
beforeEach(() => {
  world = newWorld();
});

const task = (resource: string, Arguments: object, more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Call',
  States: { Call: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments, ...more, End: true } },
});
const inputOf = (service: string, operation: string) =>
  world.calls.find((call) => call.service === service && call.operation === operation && call.principal.kind === 'role')
    ?.input;

test.each([
  ['DBInstanceIdentifier', 'DbInstanceIdentifier'],
  ['VpcSecurityGroups', 'VpcSecurityGroups'],
  ['stateMachineArn', 'StateMachineArn'],
  ['Iops', 'Iops'],
  ['ARN', 'Arn'],
  ['SSEKMSKeyId', 'SsekmsKeyId'],
])('%s is %s to Step Functions', (name, expected) => {
  expect(javaName(name)).toBe(expected);
});

describe('aws-sdk', () => {
  test("takes and answers the Java SDK's names, times as text", async () => {
    world.answers.set('rds:DescribeDBInstances', () => ({
      DBInstances: [{ DBInstanceIdentifier: 'db', InstanceCreateTime: new Date(0), AllocatedStorage: 20 }],
    }));
    const ran = await world.run(task('aws-sdk:rds:describeDBInstances', { DbInstanceIdentifier: 'db' }));
    expect(inputOf('rds', 'DescribeDBInstances')).toEqual({ DBInstanceIdentifier: 'db' });
    expect(ran.output).toEqual({
      DbInstances: [
        { DbInstanceIdentifier: 'db', InstanceCreateTime: '1970-01-01T00:00:00.000Z', AllocatedStorage: 20 },
      ],
    });
  });

  test('acts as the role of the machine', async () => {
    const ran = await world.run(task('aws-sdk:dynamodb:getItem', { TableName: 't', Key: { id: { S: 'x' } } }));
    expect(world.calls.find(({ service }) => service === 'dynamodb')?.principal).toMatchObject({
      kind: 'role',
      roleName: 'machine',
      sessionName: ran.executionArn.split(':').at(-1),
    });
  });

  test.each([
    ['rds:describeDBInstances', 'rds:DescribeDBInstances', 'DBInstanceNotFound', 'Rds.DbInstanceNotFoundException'],
    ['dynamodb:getItem', 'dynamodb:GetItem', 'ResourceNotFoundException', 'DynamoDb.ResourceNotFoundException'],
    ['dynamodb:getItem', 'dynamodb:GetItem', 'ValidationException', 'DynamoDb.DynamoDbException'],
    ['s3:getObject', 's3:GetObject', 'NoSuchKey', 'S3.NoSuchKeyException'],
  ])('%s: %s raising %s is %s', async (action, operation, code, name) => {
    world.answers.set(operation, () => {
      throw new AwsError(code, 'no', { status: 404 });
    });
    const ran = await world.run(task(`aws-sdk:${action}`, {}));
    expect(ran.error).toBe(name);
    expect(ran.cause).toMatch(/^no \(Service: \w+, Status Code: 404, Request ID: [\w-]+\)$/);
  });

  test('a member the operation does not have fails the execution', async () => {
    const ran = await world.run(task('aws-sdk:dynamodb:getItem', { tableName: 't' }));
    expect(ran).toMatchObject({
      error: 'States.Runtime',
      cause: "The field 'tableName' is not supported by Step Functions.",
    });
  });

  test('a role that cannot be assumed is States.Permissions', async () => {
    const { stateMachineArn } = await world.states<{ stateMachineArn: string }>('CreateStateMachine', {
      name: 'untrusted',
      roleArn: roleArn.replace('machine', 'untrusted'),
      definition: JSON.stringify(task('aws-sdk:dynamodb:getItem', {})),
    });
    const { executionArn } = await world.states<{ executionArn: string }>('StartExecution', { stateMachineArn });
    await world.sandbox.clock.advance(1000);
    expect((await world.describe(executionArn)).error).toBe('States.Permissions');
  });
});

describe('optimized', () => {
  test('sqs, sns and events send JSON as text', async () => {
    world.answers.set('sqs:SendMessage', () => ({ MessageId: 'm', MD5OfMessageBody: 'd' }));
    world.answers.set('events:PutEvents', () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e' }] }));
    const sent = await world.run(task('sqs:sendMessage', { QueueUrl: 'q', MessageBody: { a: 1 } }));
    expect(sent.output).toEqual({ MessageId: 'm', MD5OfMessageBody: 'd' });
    expect(inputOf('sqs', 'SendMessage')).toEqual({ QueueUrl: 'q', MessageBody: '{"a":1}' });
    await world.run(task('sns:publish', { TopicArn: 't', Message: 'plain' }));
    expect(inputOf('sns', 'Publish')).toEqual({ TopicArn: 't', Message: 'plain' });
    const put = await world.run(
      task('events:putEvents', { Entries: [{ Source: 's', DetailType: 'd', Detail: { a: 1 } }] }),
    );
    expect(inputOf('events', 'PutEvents')).toEqual({
      Entries: [
        {
          Source: 's',
          DetailType: 'd',
          Detail: '{"a":1}',
          Resources: [put.executionArn, `arn:aws:states:${region}:111122223333:stateMachine:machine-3`],
        },
      ],
    });
  });

  test('events that were not accepted fail the task', async () => {
    world.answers.set('events:PutEvents', () => ({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'X' }] }));
    expect((await world.run(task('events:putEvents', { Entries: [] }))).error).toBe('EventBridge.FailedEntry');
  });

  test.each([
    [
      'dynamodb:putItem',
      'dynamodb:PutItem',
      'ConditionalCheckFailedException',
      'DynamoDB.ConditionalCheckFailedException',
    ],
    ['dynamodb:putItem', 'dynamodb:PutItem', 'ValidationException', 'DynamoDB.AmazonDynamoDBException'],
    ['sqs:sendMessage', 'sqs:SendMessage', 'QueueDoesNotExist', 'SQS.QueueDoesNotExistException'],
  ])('%s: %s raising %s is %s', async (resource, operation, code, name) => {
    world.answers.set(operation, () => {
      throw new AwsError(code, 'no');
    });
    expect((await world.run(task(resource, {}))).error).toBe(name);
  });

  test('startExecution.sync:2 waits for the other execution and answers its output as JSON', async () => {
    const inner = {
      StartAt: 'Rest',
      States: { Rest: { Type: 'Wait', Seconds: 90, Next: 'Out' }, Out: { Type: 'Pass', Result: { x: 1 }, End: true } },
    };
    const stateMachineArn = await world.create(inner, 'inner');
    const outer = task(
      'states:startExecution.sync:2',
      { StateMachineArn: stateMachineArn, Input: { a: 1 } },
      { Output: '{% $states.result.Output %}' },
    );
    const ran = await world.run(outer);
    expect(ran.output).toEqual({ x: 1 });
    const types = (await world.history(ran.executionArn)).map(({ type }) => type);
    expect(types).toContain('TaskSubmitted');
  });

  test('startExecution.sync of one that fails is States.TaskFailed', async () => {
    const stateMachineArn = await world.create(
      { StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Mine' } } },
      'inner',
    );
    const ran = await world.run(task('states:startExecution.sync', { StateMachineArn: stateMachineArn }));
    expect(ran.error).toBe('States.TaskFailed');
    expect(JSON.parse(ran.cause ?? '')).toMatchObject({ Status: 'FAILED', Error: 'Mine' });
  });
});

describe('tokens', () => {
  const asking = (more: object = {}) =>
    task(
      'lambda:invoke.waitForTaskToken',
      { FunctionName: 'asker', Payload: { token: '{% $states.context.Task.Token %}' } },
      more,
    );
  let token = '';
  beforeEach(() => {
    world.functions.set('asker', (payload: { token: string }) => {
      token = payload.token;
    });
  });
  const begin = async (definition: object) => {
    const stateMachineArn = await world.create(definition);
    const { executionArn } = await world.states<{ executionArn: string }>('StartExecution', { stateMachineArn });
    await world.sandbox.clock.advance(1000);
    return executionArn;
  };

  test('end the task with an output', async () => {
    const executionArn = await begin(asking());
    await world.sandbox.clock.advance(3_600_000);
    expect((await world.describe(executionArn)).status).toBe('RUNNING');
    await world.states('SendTaskSuccess', { taskToken: token, output: '{"ok":true}' });
    await world.sandbox.clock.advance(1000);
    expect((await world.describe(executionArn)).output).toEqual({ ok: true });
    await expect(world.states('SendTaskSuccess', { taskToken: token, output: '1' })).rejects.toMatchObject({
      code: 'TaskTimedOut',
    });
  });

  test('or with an error', async () => {
    const executionArn = await begin(asking());
    await world.states('SendTaskFailure', { taskToken: token, error: 'No', cause: 'because' });
    await world.sandbox.clock.advance(1000);
    expect(await world.describe(executionArn)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'because' });
  });

  test('must be heard of within HeartbeatSeconds', async () => {
    const caught = [{ ErrorEquals: ['States.HeartbeatTimeout'], Output: 'silent', Next: 'End' }];
    const definition = asking({ HeartbeatSeconds: 60, Catch: caught });
    const executionArn = await begin({ ...definition, States: { ...definition.States, End: { Type: 'Succeed' } } });
    await world.sandbox.clock.advance(50_000);
    await world.states('SendTaskHeartbeat', { taskToken: token });
    await world.sandbox.clock.advance(50_000);
    expect((await world.describe(executionArn)).status).toBe('RUNNING');
    await world.sandbox.clock.advance(20_000);
    expect(await world.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'silent' });
  });

  test('that are not tokens are refused', async () => {
    await expect(world.states('SendTaskSuccess', { taskToken: 'x', output: '1' })).rejects.toMatchObject({
      code: 'InvalidToken',
    });
    await begin(asking());
    await expect(world.states('SendTaskSuccess', { taskToken: token, output: '{' })).rejects.toMatchObject({
      code: 'InvalidOutput',
    });
  });
});
