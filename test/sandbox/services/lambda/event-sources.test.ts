/** Queues that feed functions: the states of a mapping, its batches, and what a failure leaves behind. */

import { beforeEach, describe, expect, test } from 'vitest';
import { type LambdaWorld, lambdaWorld, region } from './world.ts';

const source = `arn:aws:sqs:${region}:111122223333:photos`;
let world: LambdaWorld;
let QueueUrl: string;
beforeEach(async () => {
  world = lambdaWorld();
  await world.create('thumbnail');
  ({ QueueUrl } = await world.sqs<{ QueueUrl: string }>('CreateQueue', {
    QueueName: 'photos',
    Attributes: { VisibilityTimeout: '30' },
  }));
});

interface Mapping {
  UUID: string;
  State: string;
}
const seconds = (count: number): Promise<void> => world.sandbox.clock.advance(count * 1000);
const map = (more: object = {}): Promise<Mapping> =>
  world.lambda<Mapping>('CreateEventSourceMapping', { FunctionName: 'thumbnail', EventSourceArn: source, ...more });
const stateOf = async (UUID: string): Promise<string> =>
  (await world.lambda<Mapping>('GetEventSourceMapping', { UUID })).State;
const send = async (...bodies: string[]): Promise<void> => {
  for (const MessageBody of bodies) await world.sqs('SendMessage', { QueueUrl, MessageBody });
};
const records = (): { body: string; eventSourceARN: string }[] =>
  world.runner.runs.flatMap(({ event }) => (event as { Records: { body: string; eventSourceARN: string }[] }).Records);
const left = async (): Promise<unknown> => {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];
  const { Attributes } = await world.sqs<{ Attributes: Record<string, string> }>('GetQueueAttributes', {
    QueueUrl,
    AttributeNames: names,
  });
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
};

describe('the state of a mapping', () => {
  test('passes from Creating to Enabled in the modelled time, and only then it polls', async () => {
    await send('one');
    const { UUID, State } = await map();
    expect(State).toBe('Creating');
    await seconds(19);
    expect(await stateOf(UUID)).toBe('Creating');
    expect(world.runner.runs).toHaveLength(0);
    await seconds(2);
    expect(await stateOf(UUID)).toBe('Enabled');
    expect(records()).toMatchObject([
      { body: 'one', eventSource: 'aws:sqs', eventSourceARN: source, awsRegion: region },
    ]);
    expect(await left()).toBe(0);
  });

  test('refuses changes while it passes, and goes on polling until it is Disabled', async () => {
    const { UUID } = await map();
    await expect(world.lambda('UpdateEventSourceMapping', { UUID, Enabled: false })).rejects.toMatchObject({
      code: 'ResourceInUseException',
    });
    await seconds(21);
    expect(await world.lambda('UpdateEventSourceMapping', { UUID, Enabled: false })).toMatchObject({
      State: 'Disabling',
    });
    await send('during');
    await seconds(5);
    expect(records()).toHaveLength(1);
    await seconds(20);
    expect(await stateOf(UUID)).toBe('Disabled');
    await send('after');
    await seconds(60);
    expect(records()).toHaveLength(1);
    expect(await world.lambda('UpdateEventSourceMapping', { UUID, Enabled: true })).toMatchObject({
      State: 'Enabling',
    });
    await seconds(25);
    expect(records().map(({ body }) => body)).toEqual(['during', 'after']);
  });

  test('may begin Disabled; deleting it takes its time too', async () => {
    const { UUID } = await map({ Enabled: false });
    await seconds(25);
    expect(await stateOf(UUID)).toBe('Disabled');
    await expect(map()).rejects.toMatchObject({ code: 'ResourceConflictException' });
    expect(await world.lambda('DeleteEventSourceMapping', { UUID })).toMatchObject({ State: 'Deleting' });
    await seconds(25);
    await expect(stateOf(UUID)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });
});

describe('a batch', () => {
  test('holds up to BatchSize messages', async () => {
    await send('1', '2', '3', '4', '5');
    await map({ BatchSize: 2 });
    await seconds(25);
    expect(world.runner.runs.map(({ event }) => (event as { Records: object[] }).Records.length)).toEqual([2, 2, 1]);
  });

  test('that fails comes back after its visibility timeout', async () => {
    world.runner.handler = () => {
      throw new Error('no');
    };
    await send('one');
    await map();
    await seconds(25);
    expect(world.runner.runs).toHaveLength(1);
    expect(await left()).toBe(1);
    world.runner.handler = () => null;
    await seconds(30);
    expect(world.runner.runs).toHaveLength(2);
    expect(await left()).toBe(0);
  });

  test('may name the items that failed: the others are done with', async () => {
    world.runner.handler = (event) => ({
      batchItemFailures: (event as { Records: { messageId: string; body: string }[] }).Records.filter(
        ({ body }) => body === 'bad',
      ).map(({ messageId }) => ({ itemIdentifier: messageId })),
    });
    await send('good', 'bad');
    await map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await seconds(25);
    expect(await left()).toBe(1);
  });

  test('leaves out what its filter turns away, for good', async () => {
    await send('{"kind":"photo"}', '{"kind":"note"}', 'text');
    await map({ FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["photo"]}}' }] } });
    await seconds(25);
    expect(records().map(({ body }) => body)).toEqual(['{"kind":"photo"}']);
    expect(await left()).toBe(0);
  });

  test('waits while the function is throttled', async () => {
    await world.lambda('PutFunctionConcurrency', { FunctionName: 'thumbnail', ReservedConcurrentExecutions: 0 });
    await send('one');
    await map();
    await seconds(120);
    expect(world.runner.runs).toHaveLength(0);
    await world.lambda('DeleteFunctionConcurrency', { FunctionName: 'thumbnail' });
    await seconds(60);
    expect(await left()).toBe(0);
  });
});

test('polling resumes when a dark Region is back', async () => {
  await map();
  await seconds(25);
  world.sandbox.setDark(region, true);
  for (const service of world.sandbox.dispatcher.services) await service.regionDark?.(region);
  await seconds(600);
  world.sandbox.setDark(region, false);
  for (const service of world.sandbox.dispatcher.services) await service.regionBack?.(region);
  await send('after');
  await seconds(5);
  expect(records().map(({ body }) => body)).toEqual(['after']);
});

test.each([
  [
    'a function that may run longer than messages are hidden',
    { FunctionName: 'slow' },
    'Queue visibility timeout: 30 seconds is less than Function timeout: 60',
  ],
  ['a queue that does not exist', { EventSourceArn: `${source}-none` }, 'Error occurred while checking'],
  ['another Region’s queue', { EventSourceArn: source.replace(region, 'us-west-2') }, 'another Region'],
  [
    'a stream',
    { EventSourceArn: `arn:aws:kinesis:${region}:111122223333:stream/s` },
    "doesn't support the event source",
  ],
  ['large batches without a window', { BatchSize: 100 }, 'Maximum batch window'],
  ['settings of streams', { ParallelizationFactor: 2 }, 'ParallelizationFactor'],
])('a mapping is refused for %s', async (_, more, message) => {
  await world.create('slow', { Timeout: 60 });
  await expect(map(more)).rejects.toThrow(message);
});

describe('batches at a time', () => {
  let running = 0;
  let together = 0;
  beforeEach(() => {
    running = 0;
    together = 0;
    world.runner.handler = async () => {
      running += 1;
      together = Math.max(together, running);
      await new Promise<void>((resolve) => world.sandbox.clock.after(10_000, resolve));
      running -= 1;
      return null;
    };
  });
  const backlog = () => send(...Array.from({ length: 60 }, (_, index) => String(index)));

  test('are five at first, and more when messages are still left a minute later', async () => {
    await backlog();
    await map({ BatchSize: 1 });
    await seconds(60);
    expect(together).toBe(5);
    await seconds(60);
    expect(together).toBe(8);
  });

  test('are no more than MaximumConcurrency says, and as many as Lambda gives once it is taken away', async () => {
    await backlog();
    const { UUID } = await map({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await seconds(50);
    expect(together).toBe(2);
    const { ScalingConfig } = await world.lambda<{ ScalingConfig?: object }>('UpdateEventSourceMapping', {
      UUID,
      ScalingConfig: {},
    });
    expect(ScalingConfig).toBeUndefined();
    // Goes on polling while it changes.
    await seconds(15);
    expect(await stateOf(UUID)).toBe('Updating');
    expect(running).toBeGreaterThan(0);
    together = 0;
    await seconds(60);
    expect(together).toBeGreaterThanOrEqual(5);
  });
});
