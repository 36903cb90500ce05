/** Executions: starting twice, stopping, history, status events, and a Region in the dark. */

import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { beforeEach, describe, expect, test } from 'vitest';
import { mostEvents } from '../../../../src/sandbox/services/states/history.ts';
import { newWorld, region, type World } from './world.ts';

const fn = 'arn:aws:lambda:us-west-2:111122223333:function:worker';
const machineArn = `arn:aws:states:${region}:111122223333:stateMachine:machine`;
const waiting = { StartAt: 'Rest', States: { Rest: { Type: 'Wait', Seconds: 60, End: true } } };
const calling = (more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Call',
  States: {
    Call: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Arguments: { FunctionName: fn, Payload: '{% $states.input %}' },
      Output: '{% $states.result.Payload %}',
      ...more,
      End: true,
    },
  },
});

let world: World;
beforeEach(() => {
  world = newWorld();
});

const start = (more: object = {}) =>
  world.states<{ executionArn: string; startDate: Date }>('StartExecution', { stateMachineArn: machineArn, ...more });
const seconds = (count: number) => world.sandbox.clock.advance(count * 1000);
const dark = async (isDark: boolean) => {
  const service = world.sandbox.dispatcher.service('states');
  world.sandbox.setDark(region, isDark);
  await (isDark ? service?.regionDark?.(region) : service?.regionBack?.(region));
};

describe('starting', () => {
  test('the same name and input while it runs is the same execution; anything else is refused', async () => {
    await world.create(waiting);
    const first = await start({ name: 'x', input: '{"a":1}' });
    await seconds(5);
    expect(await start({ name: 'x', input: '{"a":1}' })).toEqual(first);
    await expect(start({ name: 'x' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await seconds(120);
    await expect(start({ name: 'x', input: '{"a":1}' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    expect(first.executionArn).toBe(`arn:aws:states:${region}:111122223333:execution:machine:x`);
  });

  test('ninety days after its end an execution is forgotten, and its name free again', async () => {
    await world.create(waiting);
    const { executionArn } = await start({ name: 'x', input: '{"a":1}' });
    await seconds(61 + 89 * 86_400);
    await expect(start({ name: 'x' })).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
    await seconds(86_400);
    await expect(world.states('DescribeExecution', { executionArn })).rejects.toMatchObject({
      code: 'ExecutionDoesNotExist',
    });
    expect((await start({ name: 'x' })).executionArn).toBe(executionArn);
    await seconds(1);
    expect((await world.history(executionArn)).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
    ]);
  });

  test('input is {} unless given, and JSON when given', async () => {
    await world.create(waiting);
    const { executionArn } = await start();
    expect(await world.states('DescribeExecution', { executionArn })).toMatchObject({ status: 'RUNNING', input: '{}' });
    await expect(start({ input: 'no' })).rejects.toMatchObject({ code: 'InvalidExecutionInput' });
    await expect(start({ input: `"${'x'.repeat(262_144)}"` })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(start({ stateMachineArn: 'x' })).rejects.toMatchObject({ code: 'InvalidArn' });
    await expect(start({ stateMachineArn: `${machineArn}x` })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });

  test('stopping ends it as ABORTED, once', async () => {
    await world.create(waiting);
    const { executionArn } = await start();
    await seconds(5);
    const stopped = await world.states<{ stopDate: Date }>('StopExecution', {
      executionArn,
      error: 'Enough',
      cause: 'done',
    });
    await seconds(600);
    expect(await world.states('StopExecution', { executionArn })).toEqual(stopped);
    expect(await world.describe(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'done' });
    expect((await world.history(executionArn)).map(({ type }) => type)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'ExecutionAborted',
    ]);
  });

  test('lists the newest first, by status', async () => {
    await world.create(waiting);
    await start({ name: 'old' });
    await seconds(120);
    await start({ name: 'new' });
    const list = async (more: object) =>
      (
        await world.states<{ executions: { name: string }[] }>('ListExecutions', {
          stateMachineArn: machineArn,
          ...more,
        })
      ).executions.map(({ name }) => name);
    expect(await list({})).toEqual(['new', 'old']);
    expect(await list({ statusFilter: 'RUNNING' })).toEqual(['new']);
  });
});

describe('history', () => {
  test('names every event and links it to the one before', async () => {
    world.functions.set('worker', (payload: unknown) => payload);
    const ran = await world.run(calling(), { a: 1 });
    const events = await world.history(ran.executionArn);
    expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
      [1, 0, 'ExecutionStarted'],
      [2, 0, 'TaskStateEntered'],
      [3, 2, 'TaskScheduled'],
      [4, 3, 'TaskStarted'],
      [5, 4, 'TaskSucceeded'],
      [6, 5, 'TaskStateExited'],
      [7, 6, 'ExecutionSucceeded'],
    ]);
    expect(events[1]?.stateEnteredEventDetails).toEqual({
      name: 'Call',
      input: '{"a":1}',
      inputDetails: { truncated: false },
    });
    expect(events[2]?.taskScheduledEventDetails).toEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      region,
      parameters: JSON.stringify({ FunctionName: fn, Payload: { a: 1 } }),
    });
    expect(events[5]?.stateExitedEventDetails).toMatchObject({ name: 'Call', output: '{"a":1}' });
    expect(events[0]?.timestamp).toEqual(new Date(Date.UTC(2026, 10, 23, 12)));
    expect(events[1]?.timestamp).toEqual(new Date(Date.UTC(2026, 10, 23, 12, 0, 0, 50)));
  });

  test('comes in pages, backwards, and without data when asked so', async () => {
    world.functions.set('worker', (payload: unknown) => payload);
    const { executionArn } = await world.run(calling(), { a: 1 });
    const ask = (more: object) =>
      world.states<{ events: HistoryEvent[]; nextToken?: string }>('GetExecutionHistory', { executionArn, ...more });
    const first = await ask({ maxResults: 4, reverseOrder: true });
    const second = await ask({ maxResults: 4, reverseOrder: true, nextToken: first.nextToken });
    expect([...first.events, ...second.events].map(({ id }) => id)).toEqual([7, 6, 5, 4, 3, 2, 1]);
    const { events } = await ask({ includeExecutionData: false });
    expect(JSON.stringify(events)).not.toContain('"a\\":1');
  });

  test('an execution whose history is full fails', async () => {
    const loop = {
      QueryLanguage: 'JSONata',
      StartAt: 'Go',
      States: {
        Go: { Type: 'Choice', Choices: [{ Condition: '{% true %}', Next: 'Go' }], Default: 'End' },
        End: { Type: 'Succeed' },
      },
    };
    const ran = await world.run(loop, {}, 700);
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(ran.cause).toContain(`maximum number of history events (${mostEvents})`);
  }, 120_000);
});

test('tells EventBridge of every change of status', async () => {
  const ran = await world.run(waiting, { a: 1 });
  const entries = world.calls
    .filter(({ operation }) => operation === 'PutEvents')
    .flatMap(
      ({ input }) => input.Entries as { Source: string; DetailType: string; Resources: string[]; Detail: string }[],
    );
  expect(entries.map(({ Detail }) => JSON.parse(Detail).status)).toEqual(['RUNNING', 'SUCCEEDED']);
  expect(entries[1]).toMatchObject({
    Source: 'aws.states',
    DetailType: 'Step Functions Execution Status Change',
    Resources: [ran.executionArn],
  });
  expect(JSON.parse(entries[1]?.Detail ?? '')).toMatchObject({
    executionArn: ran.executionArn,
    input: '{"a":1}',
    output: '{"a":1}',
  });
});

describe('a Region in the dark', () => {
  test('stands still, and goes on when it is back', async () => {
    await world.create(waiting);
    const { executionArn } = await start();
    await seconds(30);
    await dark(true);
    await seconds(3600);
    const events = await world.history(executionArn);
    expect(events.at(-1)?.type).toBe('WaitStateEntered');
    await dark(false);
    await seconds(1);
    expect((await world.describe(executionArn)).status).toBe('SUCCEEDED');
  });

  test('functions in flight never answer: Lambda.Unknown on return, so that Retry applies', async () => {
    const answers: ((value: string) => void)[] = [];
    world.functions.set('worker', () => new Promise<string>((resolve) => answers.push(resolve)));
    await world.create(calling({ Retry: [{ ErrorEquals: ['Lambda.Unknown'] }], TimeoutSeconds: 7200 }));
    const { executionArn } = await start();
    await seconds(5);
    await dark(true);
    answers[0]?.('from beyond');
    await seconds(3600);
    expect((await world.history(executionArn)).at(-1)?.type).toBe('TaskStarted');
    await dark(false);
    await seconds(2);
    expect(answers).toHaveLength(2);
    answers[1]?.('again');
    await seconds(1);
    expect(await world.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 'again' });
    const failed = (await world.history(executionArn)).find(({ type }) => type === 'TaskFailed');
    expect(failed?.taskFailedEventDetails?.error).toBe('Lambda.Unknown');
  });
});

describe('a task whose answer is lost', () => {
  const lost = { kind: 'lost-task', region, share: 1 } as const;
  const working = () => {
    let done = 0;
    world.functions.set('worker', () => ++done);
    return () => done;
  };

  test('has done its work, and ends by its timeout', async () => {
    const done = working();
    const fault = await world.sandbox.board.raise(lost);
    const ran = await world.run(calling({ TimeoutSeconds: 30 }), {}, 60);
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect(done()).toBe(1);
    await world.sandbox.board.lift(fault.id);
    expect(await world.run(calling({ TimeoutSeconds: 30 }), {}, 60)).toMatchObject({ status: 'SUCCEEDED', output: 2 });
  });

  test('is done again where the machine retries', async () => {
    const done = working();
    const fault = await world.sandbox.board.raise(lost);
    const Retry = [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 1 }];
    const running = world.run(calling({ TimeoutSeconds: 30, Retry }), {}, 20);
    const { executionArn } = await running;
    await world.sandbox.board.lift(fault.id);
    await seconds(30);
    expect(await world.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: 2 });
    expect(done()).toBe(2);
  });

  test('waits for ever without a timeout, whatever names the function', async () => {
    const done = working();
    await world.sandbox.board.raise({ ...lost, function: 'worker' });
    const byArn = { StartAt: 'Call', States: { Call: { Type: 'Task', Resource: fn, End: true } } };
    expect(await world.run(byArn, {}, 86_400)).toMatchObject({ status: 'RUNNING' });
    expect(await world.run(calling(), {}, 86_400)).toMatchObject({ status: 'RUNNING' });
    expect(done()).toBe(2);
  });

  test('is one of the function meant', async () => {
    working();
    await world.sandbox.board.raise({ ...lost, function: 'another' });
    expect(await world.run(calling(), {}, 60)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
