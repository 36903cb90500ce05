// The control socket of a real sandbox, asked as another process would.

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, PutItemCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningAws } from '../../../src/sandbox/aws.ts';
import { startAws } from '../../../src/sandbox/aws.ts';
import { runningSandbox } from '../../../src/sandbox/control/client.ts';
import { keepSandbox, keptSandbox } from '../../../src/sandbox/control/kept.ts';
import { type Respondent, socketOf } from '../../../src/sandbox/control/protocol.ts';

let sandbox: RunningAws;
let asked: Respondent;
beforeAll(async () => {
  sandbox = await startAws({
    regions: ['us-east-1', 'us-west-2'],
    account: '111122223333',
    speed: 1,
    images: {},
    signals: false,
    purpose: 'a test',
  });
  asked = runningSandbox({ id: sandbox.id, pid: process.pid, directory: sandbox.core.directory }, 5000);
});
afterAll(async () => sandbox.stop());

test('nobody but the user gets at it', () => {
  const socket = statSync(socketOf(sandbox.core.directory));
  expect(socket.mode & 0o077).toBe(0);
  expect(statSync(sandbox.core.directory).mode & 0o077).toBe(0);
});

test('it answers while AWS time is held and every Region is dark', async () => {
  let release = () => {};
  const held = sandbox.clock.hold(
    () =>
      new Promise<void>((resolve) => {
        release = resolve;
      }),
  );
  try {
    const before = sandbox.clock.now();
    for (const region of sandbox.core.regions)
      await asked.ask<'raise'>({ ask: 'raise', fault: { kind: 'dark', region } });
    const status = await asked.ask<'status'>({ ask: 'status' });
    expect(readFileSync(status.certificateAuthority ?? '', 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(sandbox.clock.now()).toBe(before);
    expect(status).toMatchObject({ id: sandbox.id, pid: process.pid, purpose: 'a test', endpoint: sandbox.endpoint });
    expect(status.regions.map(({ region, state }) => `${region} ${state}`)).toEqual([
      'us-east-1 dark',
      'us-west-2 dark',
    ]);
    expect(status.faults.map(({ kind, parameters }) => [kind, parameters])).toEqual([
      ['dark', { region: 'us-east-1' }],
      ['dark', { region: 'us-west-2' }],
    ]);
  } finally {
    release();
    await held;
  }
  expect(await asked.ask<'back'>({ ask: 'back', region: 'us-east-1' })).toHaveLength(1);
  expect(await asked.ask<'lift'>({ ask: 'lift', id: 'all' })).toHaveLength(1);
  expect(sandbox.core.regions.map((region) => sandbox.core.region(region).dark)).toEqual([false, false]);
});

test('a Region that went dark otherwise comes back all the same; one that is lit is refused', async () => {
  await sandbox.faults.goDark('us-west-2');
  expect(await asked.ask<'back'>({ ask: 'back', region: 'us-west-2' })).toEqual([]);
  expect(sandbox.core.region('us-west-2').dark).toBe(false);
  await expect(asked.ask<'back'>({ ask: 'back', region: 'us-west-2' })).rejects.toMatchObject({ kind: 'usage' });
});

test('secrets are in the answer to `environment` alone', async () => {
  const secret = sandbox.administrator.secretAccessKey;
  sandbox.control.tell({ environment: { AWS_SECRET_ACCESS_KEY: secret } });
  expect(await asked.ask<'environment'>({ ask: 'environment' })).toEqual({ AWS_SECRET_ACCESS_KEY: secret });
  const others = await Promise.all([
    asked.ask<'status'>({ ask: 'status' }),
    asked.ask<'sources'>({ ask: 'sources' }),
    asked.ask<'iam'>({ ask: 'iam' }),
    asked.ask<'faults'>({ ask: 'faults' }),
  ]);
  expect(JSON.stringify(others)).not.toContain(secret);
});

test("the clock's speed is set within its limits", async () => {
  expect(await asked.ask<'speed'>({ ask: 'speed', speed: 'max' })).toMatchObject({ ceiling: 'max' });
  expect(sandbox.clock.ceiling).toBe(Number.POSITIVE_INFINITY);
  expect(await asked.ask<'speed'>({ ask: 'speed', speed: 2 })).toMatchObject({ ceiling: 2 });
  await expect(asked.ask<'speed'>({ ask: 'speed', speed: 0 })).rejects.toMatchObject({ kind: 'usage' });
});

test('executions, log groups and tables have logs, and what is added is told from the cursor on', async () => {
  const settings = { region: 'us-west-2', endpoint: sandbox.endpoint, credentials: sandbox.administrator };
  const logs = new CloudWatchLogsClient(settings);
  const group = { logGroupName: '/mine', logStreamName: 's' };
  await logs.send(new CreateLogGroupCommand(group));
  await logs.send(new CreateLogStreamCommand(group));
  const say = async (message: string) => {
    await logs.send(new PutLogEventsCommand({ ...group, logEvents: [{ timestamp: Date.now(), message }] }));
  };
  await say('one');
  const source = { kind: 'group' as const, region: 'us-west-2', name: '/mine' };
  const first = await asked.ask<'log'>({ ask: 'log', source, lines: 10 });
  await say('two');
  const second = await asked.ask<'log'>({ ask: 'log', source, lines: 10, after: first.cursor });
  expect([first, second].map(({ lines }) => lines.map((line) => line.split(' ').at(-1)))).toEqual([['one'], ['two']]);

  const dynamo = new DynamoDBClient(settings);
  const TableName = 'journal';
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  sandbox.clock.setCeiling(Number.POSITIVE_INFINITY);
  await waitUntilTableExists({ client: dynamo, maxWaitTime: 20, minDelay: 0.1, maxDelay: 0.1 }, { TableName });
  await dynamo.send(new PutItemCommand({ TableName, Item: { id: { S: 'run#1' } } }));
  const table = { kind: 'table' as const, region: 'us-west-2', name: TableName };
  expect((await asked.ask<'log'>({ ask: 'log', source: table, lines: 10 })).lines).toEqual(['{"id":{"S":"run#1"}}']);

  const machines = new SFNClient(settings);
  const iam = new IAMClient(settings);
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'machine', AssumeRolePolicyDocument: trusting('states') }),
  );
  const { stateMachineArn } = await machines.send(
    new CreateStateMachineCommand({
      name: 'passing',
      roleArn: Role?.Arn ?? '',
      definition: JSON.stringify({ StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } }),
    }),
  );
  await machines.send(new StartExecutionCommand({ stateMachineArn, name: 'x' }));
  const execution = { kind: 'execution' as const, region: 'us-west-2', name: 'passing:x' };
  const history = async () => (await asked.ask<'log'>({ ask: 'log', source: execution, lines: 10 })).lines;
  await expect.poll(async () => (await history()).at(-1)).toMatch(/ExecutionSucceeded/);
  expect((await history()).map((line) => line.split(' ')[2])).toEqual([
    'ExecutionStarted',
    'PassStateEntered',
    'PassStateExited',
    'ExecutionSucceeded',
  ]);
  expect(await asked.ask<'sources'>({ ask: 'sources' })).toEqual(expect.arrayContaining([source, table, execution]));
  for (const client of [logs, dynamo, machines, iam]) client.destroy();
  sandbox.clock.setCeiling(2);
});

test('what is no request is refused and does no harm', async () => {
  expect(await rawAnswer('{"ask":"everything"}\n')).toMatchObject({ error: { kind: 'usage' } });
  expect(await rawAnswer('not json\n')).toMatchObject({ error: { kind: 'usage' } });
  expect(await rawAnswer('x'.repeat(100_000))).toBeUndefined();
  expect(await asked.ask<'clock'>({ ask: 'clock' })).toMatchObject({ ceiling: 2 });
});

test('what is kept of it answers after it is gone, and the socket went with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-kept-'));
  try {
    sandbox.core.log({ service: 'test', region: 'us-east-1', text: 'something to look into' });
    const client = new IAMClient({
      region: 'us-east-1',
      endpoint: sandbox.endpoint,
      credentials: sandbox.administrator,
    });
    await client.send(new CreateRoleCommand({ RoleName: 'idle', AssumeRolePolicyDocument: trusting('ec2') }));
    client.destroy();
    await keepSandbox(sandbox.control, join(folder, 'state'), { timeline: ['{"kind":"begin"}'] });
    await sandbox.stop();
    expect(existsSync(sandbox.core.directory)).toBe(false);
    await expect(asked.ask<'clock'>({ ask: 'clock' })).rejects.toMatchObject({ kind: 'terminal' });

    const kept = keptSandbox(join(folder, 'state'));
    expect(await kept.ask<'status'>({ ask: 'status' })).toMatchObject({ id: sandbox.id, purpose: 'a test' });
    expect(await kept.ask<'iam'>({ ask: 'iam', role: 'idle' })).toEqual([
      { role: 'idle', used: [], unused: [], denied: [] },
    ]);
    const source = { kind: 'sandbox' as const, name: 'sandbox' };
    expect(await kept.ask<'sources'>({ ask: 'sources' })).toContainEqual(source);
    const { lines } = await kept.ask<'log'>({ ask: 'log', source, lines: 10 });
    expect(lines.at(-1)).toMatch(/us-east-1 test: something to look into$/);
    const timeline = { kind: 'rehearsal' as const, name: 'timeline' };
    expect((await kept.ask<'log'>({ ask: 'log', source: timeline, lines: 10 })).lines).toEqual(['{"kind":"begin"}']);
    await expect(kept.ask<'speed'>({ ask: 'speed', speed: 2 })).rejects.toMatchObject({ kind: 'usage' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a folder in which nothing was kept is refused', () => {
  expect(() => keptSandbox(tmpdir())).toThrow(expect.objectContaining({ kind: 'usage' }));
});

const trusting = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }],
  });

function rawAnswer(text: string): Promise<unknown> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(socketOf(sandbox.core.directory));
    socket
      .setEncoding('utf8')
      .on('connect', () => socket.write(text))
      .on('data', (chunk: string) => {
        answer += chunk;
      })
      .on('error', () => {})
      .on('close', () => resolve(answer === '' ? undefined : JSON.parse(answer)));
  });
}
