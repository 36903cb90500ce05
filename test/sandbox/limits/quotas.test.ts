/** What an account can have at most, in the services that count it themselves. */

import { rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ServiceFactory } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { createEventsService } from '../../../src/sandbox/services/events/operations.ts';
import { createRoute53Service } from '../../../src/sandbox/services/route53/operations.ts';
import { createSsmService } from '../../../src/sandbox/services/ssm/service.ts';
import { testSandbox } from '../../support/test-sandbox.ts';
import { group, scalingSandbox } from '../services/autoscaling/scaling-sandbox.ts';
import { lambdaWorld } from '../services/lambda/world.ts';

function sandboxOf(...factories: ServiceFactory[]) {
  const sandbox = testSandbox(factories);
  onTestFinished(() => rmSync(sandbox.core.directory, { recursive: true, force: true }));
  return sandbox;
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'accepted',
    (error: unknown) => error,
  );

test('an EventBridge bus has 300 rules; changing one of them goes on', async () => {
  const sandbox = sandboxOf((core) => createEventsService(core));
  const rule = (index: number) => ({ Name: `rule-${index}`, ScheduleExpression: 'rate(1 day)', State: 'DISABLED' });
  for (let index = 0; index < 300; index++) await sandbox.call('events', 'PutRule', rule(index));
  expect(await refusal(sandbox.call('events', 'PutRule', rule(300)))).toMatchObject({ code: 'LimitExceededException' });
  await sandbox.call('events', 'PutRule', { ...rule(1), Description: 'changed' });
  await sandbox.call('events', 'CreateEventBus', { Name: 'other' });
  await sandbox.call('events', 'PutRule', { Name: 'there', EventPattern: '{"source":["a"]}', EventBusName: 'other' });
});

test('a request puts ten events at most, and 256 KB of them', async () => {
  const sandbox = sandboxOf((core) => createEventsService(core));
  const put = (count: number, size: number) => {
    const entry = { Source: 'photos', DetailType: 'x', Detail: JSON.stringify({ text: 'x'.repeat(size) }) };
    return refusal(sandbox.call('events', 'PutEvents', { Entries: Array.from({ length: count }, () => entry) }));
  };
  expect(await put(10, 26_000)).toBe('accepted');
  for (const [count, size] of [
    [11, 1],
    [0, 1],
    [3, 100_000],
  ] as const) {
    expect(await put(count, size)).toMatchObject({ code: 'ValidationException' });
  }
});

describe('a change of records', () => {
  test('is 1000 at most, an UPSERT counting twice', async () => {
    const sandbox = sandboxOf((core) => createRoute53Service(core));
    const { HostedZone } = await sandbox.call<{ HostedZone: { Id: string } }>('route53', 'CreateHostedZone', {
      Name: 'photos.test',
      CallerReference: '1',
    });
    const change = (Action: string, count: number) =>
      refusal(
        sandbox.call('route53', 'ChangeResourceRecordSets', {
          HostedZoneId: HostedZone.Id,
          ChangeBatch: {
            Changes: Array.from({ length: count }, (_, index) => ({
              Action,
              ResourceRecordSet: {
                Name: `host-${index}.photos.test`,
                Type: 'A',
                TTL: 60,
                ResourceRecords: [{ Value: '192.0.2.1' }],
              },
            })),
          },
        }),
      );
    expect(await change('UPSERT', 501)).toMatchObject({
      code: 'InvalidChangeBatch',
      message: '[Number of records limit of 1000 exceeded.]',
    });
    expect(await change('CREATE', 1001)).toMatchObject({ code: 'InvalidChangeBatch' });
    expect(await change('UPSERT', 500)).toBe('accepted');
  });
});

test('a Region has 10,000 standard parameters; overwriting and advanced ones go on', async () => {
  const sandbox = sandboxOf(createSsmService, () => ({
    name: 'events',
    operations: { PutEvents: operation(() => ({})) },
  }));
  const put = (Name: string, more: object = {}) =>
    sandbox.call('ssm', 'PutParameter', { Name, Value: 'x', Type: 'String', ...more });
  for (let index = 0; index < 10_000; index++) await put(`/p/${index}`);
  expect(await refusal(put('/p/10000'))).toMatchObject({ code: 'ParameterLimitExceeded' });
  await put('/p/1', { Overwrite: true });
  await put('/p/advanced', { Tier: 'Advanced' });
  await sandbox.call('ssm', 'DeleteParameter', { Name: '/p/1' });
  await put('/p/10000');
});

describe('Auto Scaling', () => {
  test('has 500 groups in a Region', async () => {
    const sandbox = scalingSandbox();
    const { net } = await group(sandbox);
    const create = (index: number) =>
      sandbox.asg('CreateAutoScalingGroup', {
        AutoScalingGroupName: `group-${index}`,
        LaunchTemplate: { LaunchTemplateName: 'app', Version: '$Latest' },
        MinSize: 0,
        MaxSize: 0,
        VPCZoneIdentifier: net.privateSubnets.join(','),
      });
    for (let index = 1; index < 500; index++) await create(index);
    expect(await refusal(create(500))).toMatchObject({ code: 'LimitExceeded' });
    await sandbox.asg('DeleteAutoScalingGroup', { AutoScalingGroupName: 'group-1' });
    await create(500);
  });

  test('attaches 50 target groups to a group', async () => {
    const sandbox = scalingSandbox();
    await group(sandbox);
    const arns = Array.from({ length: 51 }, (_, index) => `arn:aws:elasticloadbalancing:::targetgroup/${index}`);
    const attach = sandbox.asg('AttachLoadBalancerTargetGroups', {
      AutoScalingGroupName: 'app',
      TargetGroupARNs: arns,
    });
    expect(await refusal(attach)).toMatchObject({
      code: 'ValidationError',
      message: expect.stringContaining('50 target groups') as string,
    });
  });
});

test('functions without concurrency of their own share what is left of the account’s 1000', async () => {
  const world = lambdaWorld();
  for (const name of ['shared', 'other', 'reserving']) await world.create(name);
  await world.lambda('PutFunctionConcurrency', { FunctionName: 'reserving', ReservedConcurrentExecutions: 890 });
  await world.sandbox.clock.advance(1000);
  const finishes: (() => void)[] = [];
  world.runner.handler = () => new Promise<void>((resolve) => finishes.push(resolve));
  const running = Array.from({ length: 110 }, (_, index) => world.invoke(index % 2 === 0 ? 'shared' : 'other'));
  const refused = { code: 'TooManyRequestsException', fields: { Reason: 'ConcurrentInvocationLimitExceeded' } };
  expect(await refusal(world.invoke('shared'))).toMatchObject(refused);
  expect(await refusal(world.invoke('other'))).toMatchObject(refused);
  running.push(world.invoke('reserving'));
  for (const finish of finishes) finish();
  await Promise.all(running);
  world.runner.handler = () => null;
  expect(await refusal(world.invoke('shared'))).not.toMatchObject(refused);
});
