/** A queue with a backlog is switched on by a failover and opened little by little: the real services on a virtual clock. */

import { expect, test } from 'vitest';
import { readRamp } from '../../src/state/ramps.ts';
import { rampSources } from '../../src/steps/ramp-sources.ts';
import { onLaptops } from '../support/failover/play.ts';
import { failoverWorld } from '../support/failover/world.ts';

test('the run ends without waiting for the backlog; what takes it doubles until it is through, and is as declared then', async () => {
  await using world = await failoverWorld();
  const { base, names, recovery } = { ...world, names: world.base.names, recovery: world.workload.recovery.region };
  const call = <Output>(service: string, operation: string, input: object) =>
    world.sandbox.call<Output>(service, operation, input, recovery);
  const { QueueUrl } = await call<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: names.queue('uploads') });
  // Nobody takes any of them yet.
  const FunctionName = names.workloadFunction('thumbnail');
  await call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions: 0 });
  await world.pass(10_000);
  for (let batch = 0; batch < 150; batch++) {
    const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: String(index), MessageBody: 'photo' }));
    await call('sqs', 'SendMessageBatch', { QueueUrl, Entries });
  }
  const most = async () => {
    const { EventSourceMappings } = await call<{
      EventSourceMappings: { State: string; ScalingConfig?: { MaximumConcurrency?: number } }[];
    }>('lambda', 'ListEventSourceMappings', { FunctionName });
    return EventSourceMappings.map(({ ScalingConfig, State }) => [State, ScalingConfig?.MaximumConcurrency]);
  };
  const aMinute = async () => {
    await world.during(rampSources(base), 60_000);
    await world.pass(60_000);
  };

  await world.goDark('primary');
  const { outcome } = await world.during(onLaptops(world, 'failover'), 3_600_000);
  expect(outcome).toHaveProperty('run');
  expect(await most()).toEqual([['Enabled', 2]]);
  expect(await world.during(readRamp(base.store))).toMatchObject({ side: 'recovery', epoch: 2, open: [] });

  await aMinute();
  expect(await most()).toEqual([['Enabled', 4]]);
  await aMinute();
  expect(await most()).toEqual([['Enabled', 8]]);
  const open = (await world.during(readRamp(base.store)))?.open;
  expect(open).toMatchObject([{ function: 'thumbnail', most: 4 }]);
  expect(open?.[0]?.waiting).toBeGreaterThan(100);

  await call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
  await world.pass(600_000);
  await aMinute();
  expect(await most()).toEqual([['Enabled', undefined]]);
  await aMinute();
  expect(await world.during(readRamp(base.store))).toMatchObject({ open: [], endedAt: expect.any(Number) as number });
});
