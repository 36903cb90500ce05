/** Retry, Catch, timeouts, and what a failure does to branches beside it. */

import { beforeEach, describe, expect, test } from 'vitest';
import { StatesError, takes } from '../../../src/sandbox/asl/errors.ts';
import { retryDelay } from '../../../src/sandbox/asl/executor.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import { FunctionFailure, newWorld, type World } from '../services/states/world.ts';

const fn = 'arn:aws:lambda:us-west-2:111122223333:function:worker';

let world: World;
let started: number[];
beforeEach(() => {
  world = newWorld();
  started = [];
});

const failing = (errorType: string, times = Number.POSITIVE_INFINITY) =>
  world.functions.set('worker', () => {
    started.push(world.sandbox.clock.now());
    if (started.length <= times) throw new FunctionFailure(errorType, 'no');
    return 'done';
  });
const gaps = () => started.slice(1).map((at, index) => (at - (started[index] ?? 0)) / 1000);
const machine = (states: Record<string, object>) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
});
const call = (more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: fn },
  Output: '{% $states.result.Payload %}',
  End: true,
  ...more,
});

describe('names', () => {
  const error = (name: string) => new StatesError(name);
  test.each([
    [['States.ALL'], 'Anything', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.Runtime'], 'States.Runtime', false],
    [['States.TaskFailed'], 'Anything', true],
    [['States.TaskFailed'], 'States.Timeout', false],
    [['Other', 'Mine'], 'Mine', true],
    [['mine'], 'Mine', false],
  ])('%j takes %s: %s', (names, name, expected) => {
    expect(takes(names, error(name))).toBe(expected);
  });
});

describe('delays', () => {
  test('grow by BackoffRate up to MaxDelaySeconds; FULL jitter draws below', () => {
    const retrier = { ErrorEquals: ['x'], IntervalSeconds: 3, BackoffRate: 2, MaxDelaySeconds: 10 };
    expect([0, 1, 2, 3].map((used) => retryDelay(retrier, used, () => 0.5))).toEqual([3000, 6000, 10_000, 10_000]);
    expect(retryDelay({ ...retrier, JitterStrategy: 'FULL' }, 1, () => 0.5)).toBe(3000);
    expect([0, 1].map((used) => retryDelay({ ErrorEquals: ['x'] }, used, () => 0))).toEqual([1000, 2000]);
  });
});

describe('Retry', () => {
  test('asks three times more by default, doubling from a second', async () => {
    failing('Broken');
    const ran = await world.run(machine({ Call: call({ Retry: [{ ErrorEquals: ['Broken'] }] }) }));
    expect(ran).toMatchObject({ status: 'FAILED', error: 'Broken' });
    expect(gaps()).toEqual([1, 2, 4]);
  });

  test('the first retrier that takes an error decides, each with attempts of its own', async () => {
    const errors = ['A', 'B', 'A', 'A'];
    world.functions.set('worker', () => {
      started.push(world.sandbox.clock.now());
      throw new FunctionFailure(errors[started.length - 1] ?? 'A', 'no');
    });
    const ran = await world.run(
      machine({
        Call: call({
          Retry: [
            { ErrorEquals: ['A'], IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 2 },
            { ErrorEquals: ['States.ALL'], IntervalSeconds: 3, MaxAttempts: 5 },
          ],
        }),
      }),
    );
    expect(ran.error).toBe('A');
    expect(gaps()).toEqual([10, 3, 10]);
  });

  test('MaxAttempts 0 keeps later retriers from it', async () => {
    failing('Final');
    const retry = [{ ErrorEquals: ['Final'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    await world.run(machine({ Call: call({ Retry: retry }) }));
    expect(started).toHaveLength(1);
  });

  test('RetryCount tells how often', async () => {
    failing('Broken', 2);
    const output = '{% $states.context.State.RetryCount %}';
    const ran = await world.run(machine({ Call: call({ Retry: [{ ErrorEquals: ['States.ALL'] }], Output: output }) }));
    expect(ran.output).toBe(2);
  });

  test('of a Parallel runs all branches again', async () => {
    failing('Broken', 1);
    const ran = await world.run(
      machine({
        Both: {
          Type: 'Parallel',
          Branches: [{ StartAt: 'Call', States: { Call: call({}) } }],
          Retry: [{ ErrorEquals: ['Broken'] }],
          End: true,
        },
      }),
    );
    expect(ran.output).toEqual(['done']);
    const types = (await world.history(ran.executionArn)).map(({ type }) => type);
    expect(types.filter((type) => type?.startsWith('Parallel'))).toEqual([
      'ParallelStateEntered',
      'ParallelStateStarted',
      'ParallelStateStarted',
      'ParallelStateSucceeded',
      'ParallelStateExited',
    ]);
  });
});

describe('time', () => {
  test('a task that takes longer than TimeoutSeconds is left alone', async () => {
    world.functions.set('worker', () => new Promise(() => {}));
    const ran = await world.run(machine({ Call: call({ TimeoutSeconds: '{% $states.input.t %}' }) }), { t: 20 });
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Timeout', cause: undefined });
    const events = await world.history(ran.executionArn);
    expect(events.find(({ type }) => type === 'TaskTimedOut')?.taskTimedOutEventDetails).toEqual({
      resource: 'invoke',
      resourceType: 'lambda',
      error: 'States.Timeout',
    });
    expect(events.find(({ type }) => type === 'TaskScheduled')?.taskScheduledEventDetails?.timeoutInSeconds).toBe(20);
  });

  test('an answer after the timeout is not heard', async () => {
    world.functions.set('worker', async () => {
      await new Promise<void>((resolve) => world.sandbox.clock.after(30_000, resolve));
      return 'late';
    });
    const caught = [{ ErrorEquals: ['States.Timeout'], Output: 'caught', Next: 'Rest' }];
    const ran = await world.run(
      machine({
        Call: call({ TimeoutSeconds: 10, Catch: caught }),
        Rest: { Type: 'Wait', Seconds: 60, End: true },
      }),
    );
    expect(ran.output).toBe('caught');
  });

  test('the machine has its own: TIMED_OUT', async () => {
    const ran = await world.run({ ...machine({ Rest: { Type: 'Wait', Seconds: 60, End: true } }), TimeoutSeconds: 30 });
    expect(ran).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect((await world.history(ran.executionArn)).at(-1)?.type).toBe('ExecutionTimedOut');
  });
});

describe('Parallel', () => {
  const both = (more: object = {}) =>
    machine({
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Slow', States: { Slow: { Type: 'Wait', Seconds: 3600, End: true } } },
          {
            StartAt: 'Soon',
            States: {
              Soon: { Type: 'Wait', Seconds: 5, Next: 'No' },
              No: { Type: 'Fail', Error: 'Mine', Cause: 'because' },
            },
          },
        ],
        End: true,
        ...more,
      },
      After: { Type: 'Succeed' },
    });

  test("a branch's failure stops the others and is the state's own", async () => {
    const ran = await world.run(both({ Catch: [{ ErrorEquals: ['Mine'], Next: 'After' }] }), {}, 10);
    expect(ran).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'Mine', Cause: 'because' } });
    const events = await world.history(ran.executionArn);
    expect(events.map(({ type }) => type).slice(-8)).toEqual([
      'WaitStateExited',
      'FailStateEntered',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ParallelStateExited',
      'SucceedStateEntered',
      'SucceedStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('outputs stand in the order of branches, whoever is first', async () => {
    const branch = (name: string, Seconds: number) => ({
      StartAt: name,
      States: { [name]: { Type: 'Wait', Seconds, Output: name, End: true } },
    });
    const ran = await world.run(
      machine({ Both: { Type: 'Parallel', Branches: [branch('a', 9), branch('b', 1)], End: true } }),
    );
    expect(ran.output).toEqual(['a', 'b']);
  });
});

describe('Lambda', () => {
  const errorOf = async (behave: () => unknown) => {
    world.functions.set('worker', behave);
    const { error, cause } = await world.run(machine({ Call: call({}) }));
    return { error, cause };
  };

  test('service errors keep their names', async () => {
    const throttled = await errorOf(() => {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });
    });
    expect(throttled.error).toBe('Lambda.TooManyRequestsException');
    expect(throttled.cause).toMatch(
      /^Rate Exceeded\. \(Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; Request ID: .*; Proxy: null\)$/,
    );
    const denied = await errorOf(() => {
      throw new AwsError('AccessDenied', 'User is not authorized', { status: 403 });
    });
    expect(denied.error).toBe('Lambda.AWSLambdaException');
  });

  test('a function that fails without a type is Lambda.Unknown', async () => {
    const { error, cause } = await errorOf(() => {
      throw new FunctionFailure(undefined, 'exit status 1');
    });
    expect(error).toBe('Lambda.Unknown');
    expect(cause).toContain('Returned payload: {"errorMessage":"exit status 1"}');
  });

  test('results over 256 KiB are States.DataLimitExceeded', async () => {
    const { error } = await errorOf(() => 'x'.repeat(262_145));
    expect(error).toBe('States.DataLimitExceeded');
  });

  test('functions of other Regions are out of reach', async () => {
    const elsewhere = fn.replace('us-west-2', 'us-east-1');
    world.functions.set('worker', () => 1);
    const ran = await world.run(machine({ Call: call({ Arguments: { FunctionName: elsewhere } }) }));
    expect(ran.error).toBe('Lambda.ResourceNotFoundException');
  });
});
