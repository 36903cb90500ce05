import { describe, expect, test } from 'vitest';
import type { Principal, Service, ServiceName } from '../../../src/sandbox/contract.ts';
import { AwsError, codeOf, operation } from '../../../src/sandbox/contract.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

const ada: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  userName: 'ada',
};

const idle =
  (name: ServiceName, ...operations: string[]) =>
  (): Service => ({
    name,
    operations: Object.fromEntries(operations.map((one) => [one, operation(() => ({}))])),
  });

function limitedSandbox() {
  const sandbox = testSandbox(
    [
      idle('autoscaling', 'DescribeAutoScalingGroups', 'UpdateAutoScalingGroup'),
      idle('ec2', 'CopyImage', 'CreateImage', 'DescribeInstances', 'DescribeVpcs', 'DeleteVpc', 'RunInstances'),
      idle('events', 'EnableRule', 'PutEvents'),
      idle('lambda', 'GetEventSourceMapping', 'GetFunction', 'Invoke', 'ListFunctions', 'UpdateEventSourceMapping'),
      idle('rds', 'DescribeDBInstances', 'ModifyDBInstance', 'PromoteReadReplica'),
      idle('route53', 'ChangeResourceRecordSets', 'CreateHealthCheck', 'ListHostedZones'),
      idle('s3', 'PutObject'),
      idle('ssm', 'DescribeParameters', 'GetParameter', 'GetParametersByPath', 'LabelParameterVersion', 'PutParameter'),
      idle('states', 'StartExecution'),
    ],
    ['us-east-1', 'us-west-2'],
    { limited: true, checked: false },
  );
  /** How many of `count` calls at one moment pass. */
  const passing = async (
    name: `${ServiceName}:${string}`,
    count: number,
    { input = {}, region = 'us-east-1', as = ada }: { input?: object; region?: string; as?: Principal } = {},
  ): Promise<number> => {
    const [service = '', called = ''] = name.split(':');
    const results = await Promise.allSettled(
      Array.from({ length: count }, () => sandbox.call(service, called, input, region, as)),
    );
    return results.filter(({ status }) => status === 'fulfilled').length;
  };
  return { ...sandbox, passing };
}

describe('the rates of an account', () => {
  test.each([
    ['autoscaling:UpdateAutoScalingGroup', 10, 10],
    ['ec2:CopyImage', 100, 1],
    ['ec2:CreateImage', 50, 5],
    ['ec2:DeleteVpc', 50, 5],
    ['ec2:DescribeInstances', 50, 10],
    ['ec2:DescribeVpcs', 100, 20],
    ['events:EnableRule', 50, 50],
    ['lambda:GetFunction', 100, 100],
    ['lambda:ListFunctions', 15, 15],
    ['rds:DescribeDBInstances', 20, 20],
    ['rds:PromoteReadReplica', 5, 5],
    ['route53:ListHostedZones', 5, 5],
    ['ssm:GetParameter', 40, 40],
    ['ssm:LabelParameterVersion', 3, 3],
    ['ssm:PutParameter', 3, 3],
    ['states:StartExecution', 1300, 300],
  ] as const)('%s: %i at once, then %i with each second', async (name, capacity, refill) => {
    const { passing, clock } = limitedSandbox();
    expect(await passing(name, capacity + 7)).toBe(capacity);
    await clock.advance(1000);
    expect(await passing(name, refill + 7)).toBe(refill);
  });

  test("Lambda's control plane is one rate for all its APIs, polls included; invocations are none of it", async () => {
    const { passing } = limitedSandbox();
    expect(await passing('lambda:UpdateEventSourceMapping', 10)).toBe(10);
    expect(await passing('lambda:GetEventSourceMapping', 10)).toBe(5);
    expect(await passing('lambda:GetFunction', 20)).toBe(20);
    expect(await passing('lambda:Invoke', 500)).toBe(500);
  });

  test('reading parameters shares one rate, other APIs of Parameter Store have their own', async () => {
    const { passing } = limitedSandbox();
    expect(await passing('ssm:GetParameter', 30)).toBe(30);
    expect(await passing('ssm:GetParametersByPath', 30)).toBe(10);
    expect(await passing('ssm:LabelParameterVersion', 5)).toBe(3);
    expect(await passing('ssm:DescribeParameters', 5)).toBe(3);
  });

  test('health checks are made at the rate of all of Route 53, and a thousand a day', async () => {
    const { passing, clock } = limitedSandbox();
    let made = 0;
    for (let second = 0; second < 210; second++) {
      made += await passing('route53:CreateHealthCheck', 5);
      await clock.advance(1000);
    }
    // Those that were given back meanwhile: one in 86.4 seconds.
    expect([made >= 1000, made <= 1003]).toEqual([true, true]);
    expect(await passing('route53:CreateHealthCheck', 1)).toBe(0);
    expect(await passing('route53:ListHostedZones', 4)).toBe(4);
    await clock.advance(86_400_000);
    expect(await passing('route53:CreateHealthCheck', 5)).toBe(5);
  });

  test('a describe that filters or pages draws from the larger bucket', async () => {
    const { passing } = limitedSandbox();
    const input = { Filters: [{ Name: 'instance-state-name', Values: ['running'] }] };
    expect(await passing('ec2:DescribeInstances', 110, { input })).toBe(100);
    expect(await passing('ec2:DescribeInstances', 60, { input: { InstanceIds: ['i-0abc'] } })).toBe(50);
  });

  test('launches are limited by their number and by what they launch', async () => {
    const { passing, clock } = limitedSandbox();
    expect(await passing('ec2:RunInstances', 3, { input: { MaxCount: 400 } })).toBe(2);
    await clock.advance(100_000);
    expect(await passing('ec2:RunInstances', 2, { input: { MaxCount: 400 } })).toBe(1);
  });

  test('each Region has its own; Route 53 has one for all', async () => {
    const { passing } = limitedSandbox();
    expect(await passing('ssm:PutParameter', 5)).toBe(3);
    expect(await passing('ssm:PutParameter', 5, { region: 'us-west-2' })).toBe(3);
    expect(await passing('route53:ListHostedZones', 4)).toBe(4);
    expect(await passing('route53:ChangeResourceRecordSets', 4, { region: 'us-west-2' })).toBe(1);
    expect(await passing('states:StartExecution', 2000, { region: 'us-west-2' })).toBe(1300);
  });

  test('a refused call costs nothing, and a bucket never holds more than its size', async () => {
    const { passing, clock } = limitedSandbox();
    expect(await passing('ssm:PutParameter', 50)).toBe(3);
    await clock.advance(500);
    expect(await passing('ssm:PutParameter', 50)).toBe(1);
    await clock.advance(3_600_000);
    expect(await passing('ssm:PutParameter', 50)).toBe(3);
  });

  test("AWS's own services aren't limited, nor is what the model has no number for", async () => {
    const { passing, core } = limitedSandbox();
    expect(await passing('ec2:RunInstances', 200, { as: core.as('autoscaling') })).toBe(200);
    expect(await passing('s3:PutObject', 2000)).toBe(2000);
    expect(await passing('events:PutEvents', 2000)).toBe(2000);
  });

  test('a throttled call is never performed', async () => {
    const { passing, ...sandbox } = limitedSandbox();
    let performed = 0;
    sandbox.dispatcher.register({
      name: 'ssm',
      operations: { PutParameter: operation(() => ({ Version: ++performed })) },
    });
    expect(await passing('ssm:PutParameter', 10)).toBe(3);
    expect(performed).toBe(3);
    const refused = await sandbox.call('ssm', 'PutParameter', {}, 'us-east-1', ada).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AwsError);
    expect(codeOf(refused)).toBe('ThrottlingException');
  });
});
