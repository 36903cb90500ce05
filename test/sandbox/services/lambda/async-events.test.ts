/** Asynchronous invocations: accepted at once, tried again, and set aside in the end. */

import { beforeEach, expect, test } from 'vitest';
import { type LambdaWorld, lambdaWorld, region } from './world.ts';

let world: LambdaWorld;
beforeEach(async () => {
  world = lambdaWorld();
  await world.create('f');
});

const fire = (): Promise<Record<string, unknown>> => world.invoke('f', { n: 1 }, { InvocationType: 'Event' });
const minutes = (count: number): Promise<void> => world.sandbox.clock.advance(count * 60_000);

test('an event is accepted at once, and tried again after one minute and then two', async () => {
  world.runner.handler = () => {
    throw new Error('no');
  };
  expect(await fire()).toEqual({ StatusCode: 202 });
  await minutes(0.1);
  expect(world.runner.runs).toHaveLength(1);
  await minutes(1);
  expect(world.runner.runs).toHaveLength(2);
  await minutes(1.8);
  expect(world.runner.runs).toHaveLength(2);
  await minutes(0.2);
  expect(world.runner.runs).toHaveLength(3);
  await minutes(60);
  expect(world.runner.runs).toHaveLength(3);
  expect(new Set(world.runner.runs.map(({ requestId }) => requestId)).size).toBe(1);
});

test('what is left over goes to the failure destination, with the reason', async () => {
  const { QueueUrl } = await world.sqs<{ QueueUrl: string }>('CreateQueue', { QueueName: 'failed' });
  const destination = `arn:aws:sqs:${region}:111122223333:failed`;
  const config = {
    FunctionName: 'f',
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: destination } },
  };
  await world.lambda('PutFunctionEventInvokeConfig', config);
  world.runner.handler = () => {
    throw new Error('no');
  };
  await fire();
  await minutes(1);
  expect(world.runner.runs).toHaveLength(1);
  const { Messages = [] } = await world.sqs<{ Messages?: { Body: string }[] }>('ReceiveMessage', { QueueUrl });
  expect(Messages.map(({ Body }) => JSON.parse(Body))).toMatchObject([
    {
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 1 },
      requestPayload: { n: 1 },
      responseContext: { functionError: 'Unhandled' },
      responsePayload: { errorMessage: 'no' },
    },
  ]);
});

test('a destination the sandbox can not reach is refused', async () => {
  const config = { FunctionName: 'f', DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::bucket' } } };
  await expect(world.lambda('PutFunctionEventInvokeConfig', config)).rejects.toThrow(
    'the destination arn:aws:s3:::bucket',
  );
});

test('a throttled event waits with growing pauses until there is room', async () => {
  await world.lambda('PutFunctionConcurrency', { FunctionName: 'f', ReservedConcurrentExecutions: 0 });
  await minutes(1);
  await fire();
  await minutes(10);
  expect(world.runner.runs).toHaveLength(0);
  await world.lambda('DeleteFunctionConcurrency', { FunctionName: 'f' });
  await minutes(6);
  expect(world.runner.runs).toHaveLength(1);
});

test('an event in flight when its Region goes dark is run again on return', async () => {
  world.runner.handler = () => new Promise(() => {});
  await fire();
  await minutes(0.1);
  world.sandbox.setDark(region, true);
  for (const service of world.sandbox.dispatcher.services) await service.regionDark?.(region);
  await minutes(10);
  world.runner.handler = () => 'done';
  world.sandbox.setDark(region, false);
  for (const service of world.sandbox.dispatcher.services) await service.regionBack?.(region);
  await minutes(0.1);
  expect(world.runner.runs).toHaveLength(2);
  await minutes(10);
  expect(world.runner.runs).toHaveLength(2);
});
