/** Schedules on a virtual clock: when they run, as whom, and what becomes of them. */

import { beforeEach, expect, test } from 'vitest';
import { AwsError } from '../../../../src/sandbox/contract.ts';
import { createSchedulerService } from '../../../../src/sandbox/services/scheduler/operations.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { type Fakes, fakes, payloadOf } from '../events/fakes.ts';

const region = 'us-east-1';
const RoleArn = 'arn:aws:iam::111122223333:role/scheduler';
const Arn = `arn:aws:lambda:${region}:111122223333:function:worker`;
let world: Fakes;
let sandbox: TestSandbox;
beforeEach(() => {
  world = fakes();
  sandbox = testSandbox([...world.factories, createSchedulerService]);
});

const scheduler = <Output = Record<string, unknown>>(operation: string, input: object): Promise<Output> =>
  sandbox.call<Output>('scheduler', operation, input);
const create = (ScheduleExpression: string, more: object = {}): Promise<unknown> =>
  scheduler('CreateSchedule', {
    Name: 'nightly',
    ScheduleExpression,
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn, RoleArn },
    ...more,
  });
const minutes = (count: number): Promise<void> => sandbox.clock.advance(count * 60_000);

test('a rate runs its target with the schedule’s role', async () => {
  await create('rate(5 minutes)', { Target: { Arn, RoleArn, Input: '{"by":"<aws.scheduler.schedule-arn>"}' } });
  await minutes(11);
  expect(world.received).toMatchObject([{ by: 'scheduler', operation: 'Invoke' }, { by: 'scheduler' }]);
  const [received] = world.received;
  expect(received && payloadOf(received)).toEqual({
    by: `arn:aws:scheduler:${region}:111122223333:schedule/default/nightly`,
  });
});

test('a cron expression is read in its time zone', async () => {
  // The clock starts at 12:00 UTC, which is 21:00 in Tokyo.
  await create('cron(5 21 * * ? *)', { ScheduleExpressionTimezone: 'Asia/Tokyo' });
  await minutes(4);
  expect(world.received).toHaveLength(0);
  await minutes(2);
  expect(world.received).toHaveLength(1);
  await expect(create('rate(1 minute)', { Name: 'x', ScheduleExpressionTimezone: 'Mars/Olympus' })).rejects.toThrow(
    'Timezone',
  );
});

test('a one-time schedule runs once, late if its Region was dark, and goes away if it was made to', async () => {
  await create('at(2026-11-23T12:10:00)', { ActionAfterCompletion: 'DELETE' });
  await minutes(5);
  sandbox.setDark(region, true);
  await minutes(30);
  expect(world.received).toHaveLength(0);
  sandbox.setDark(region, false);
  await minutes(5);
  expect(world.received).toHaveLength(1);
  await expect(scheduler('GetSchedule', { Name: 'nightly' })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

test('a flexible window spreads runs over it', async () => {
  await create('at(2026-11-23T12:01:00)', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 60 } });
  await minutes(1.5);
  expect(world.received).toHaveLength(0);
  await minutes(61);
  expect(world.received).toHaveLength(1);
});

test('a disabled schedule and one outside of its dates do not run', async () => {
  await create('rate(1 minute)', { State: 'DISABLED' });
  await create('rate(1 minute)', { Name: 'later', StartDate: new Date(sandbox.clock.now() + 600_000) });
  await minutes(9);
  expect(world.received).toHaveLength(0);
  await minutes(4);
  expect(world.received.length).toBeGreaterThan(0);
});

test('what fails is tried again; what may not is set aside', async () => {
  const DeadLetterConfig = { Arn: `arn:aws:sqs:${region}:111122223333:left-over` };
  await create('at(2026-11-23T12:01:00)', { Target: { Arn, RoleArn, DeadLetterConfig } });
  world.failure = new AwsError('ServiceException', 'Down.', { status: 500 });
  await minutes(2);
  world.failure = undefined;
  await minutes(10);
  expect(world.received.map(({ service }) => service)).toEqual(['lambda']);

  sandbox.dispatcher.register({
    name: 'lambda',
    operations: {
      Invoke: {
        handle: () => {
          throw new AwsError('AccessDenied', 'No.', { status: 403 });
        },
      },
    },
  });
  await create('at(2026-11-23T12:20:00)', { Name: 'denied', Target: { Arn, RoleArn, DeadLetterConfig } });
  await minutes(15);
  expect(world.received[1]).toMatchObject({ service: 'sqs', input: { QueueUrl: 'http://queue/left-over' } });
});

test('universal targets are refused by name', async () => {
  await expect(
    create('rate(1 minute)', { Target: { Arn: 'arn:aws:scheduler:::aws-sdk:rds:stopDBInstance', RoleArn } }),
  ).rejects.toThrow('universal target');
});

test('schedules and groups are described, updated and deleted', async () => {
  await scheduler('CreateScheduleGroup', { Name: 'photos' });
  await create('rate(1 minute)', { GroupName: 'photos' });
  await scheduler('UpdateSchedule', {
    Name: 'nightly',
    GroupName: 'photos',
    ScheduleExpression: 'rate(2 minutes)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn, RoleArn },
    State: 'DISABLED',
  });
  expect(await scheduler('GetSchedule', { Name: 'nightly', GroupName: 'photos' })).toMatchObject({
    ScheduleExpression: 'rate(2 minutes)',
    State: 'DISABLED',
    ScheduleExpressionTimezone: 'UTC',
  });
  expect(await scheduler('ListSchedules', { GroupName: 'photos' })).toMatchObject({ Schedules: [{ Name: 'nightly' }] });
  await scheduler('DeleteScheduleGroup', { Name: 'photos' });
  expect(await scheduler('ListSchedules', {})).toMatchObject({ Schedules: [] });
});
