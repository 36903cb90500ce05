/** JSONata states: what they read, what they leave, what they refuse to evaluate. */

import { beforeEach, describe, expect, test } from 'vitest';
import { FunctionFailure, newWorld, region, roleArn, type World } from '../services/states/world.ts';

const fn = 'arn:aws:lambda:us-west-2:111122223333:function:worker';

let world: World;
beforeEach(() => {
  world = newWorld();
  world.functions.set('worker', (payload) => ({ got: payload ?? null }));
});

const machine = (states: Record<string, object>, more: object = {}) => ({
  QueryLanguage: 'JSONata',
  StartAt: Object.keys(states)[0],
  States: states,
  ...more,
});
const pass = (Output: unknown, more: object = {}) => machine({ Only: { Type: 'Pass', Output, End: true, ...more } });
const outputOf = async (expression: string, input: unknown = {}) =>
  (await world.run(pass(`{% ${expression} %}`), input)).output;

describe('expressions', () => {
  test('stand anywhere in nested JSON; other strings are themselves', async () => {
    const ran = await world.run(
      pass({
        a: ['{% $states.input.n + 1 %}', { b: '{% $states.input.t %}' }],
        c: 'plain {% no %} text',
        d: null,
        e: '',
      }),
      { n: 1, t: 'x' },
    );
    expect(ran.output).toEqual({ a: [2, { b: 'x' }], c: 'plain {% no %} text', d: null, e: '' });
  });

  test('read the context object', async () => {
    const ran = await world.run(pass('{% $states.context %}'), { a: 1 });
    expect(ran.output).toEqual({
      Execution: {
        Id: ran.executionArn,
        Input: { a: 1 },
        Name: ran.executionArn.split(':').at(-1),
        RoleArn: roleArn,
        StartTime: '2026-11-23T12:00:00.000Z',
        RedriveCount: 0,
      },
      StateMachine: { Id: `arn:aws:states:${region}:111122223333:stateMachine:machine-1`, Name: 'machine-1' },
      State: { Name: 'Only', EnteredTime: '2026-11-23T12:00:00.050Z', RetryCount: 0 },
    });
  });

  test.each([
    ['$partition([1,2,3,4,5], 2)', [[1, 2], [3, 4], [5]]],
    ['$range(0, 10, 5)', [0, 5, 10]],
    ['$range(3, 1, -1)', [3, 2, 1]],
    ["$hash('a', 'SHA-256')", 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'],
    ['$parse(\'{"a":[1]}\')', { a: [1] }],
    ['$random(7) = $random(7)', true],
    ['$random() < 1', true],
    ["$match($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4/) ? 'v4' : 'no'", 'v4'],
    ['$now()', '2026-11-23T12:00:00.050Z'],
    ["$now('[Y]')", '2026'],
    ['$millis()', Date.UTC(2026, 10, 23, 12, 0, 0, 50)],
    ['$states.input.list[n>1]', { n: 2 }],
    ['$states.input.list.n', [1, 2]],
  ])('%s', async (expression, expected) => {
    expect(await outputOf(expression, { list: [{ n: 1 }, { n: 2 }] })).toEqual(expected);
  });

  test('that return nothing fail with the words of AWS', async () => {
    const ran = await world.run(pass({ result: '{% $doesNotExist %}' }));
    expect(ran).toMatchObject({
      status: 'FAILED',
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata expression '$doesNotExist' specified for the field 'Output/result' returned nothing (undefined).",
    });
    const event = (await world.history(ran.executionArn)).find(({ type }) => type === 'EvaluationFailed');
    expect(event?.evaluationFailedEventDetails).toMatchObject({ location: 'Output/result', state: 'Only' });
  });

  test.each([
    ['$eval("1")', /\$eval is not supported/],
    ['$nope()', /T1006: Attempted to invoke a non-function/],
    ['1/0', /./],
    ['function($x){$x}', /Expected a JSON value/],
    ['$hash("a", "ROT13")', /Unknown hash algorithm/],
  ])('%s fails', async (expression, words) => {
    const ran = await world.run(pass(`{% ${expression} %}`));
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
    expect(ran.cause).toMatch(words);
  });
});

describe('variables', () => {
  test('are assigned on leaving: neither Output nor Assign sees what the state itself assigns', async () => {
    const ran = await world.run(
      machine({
        First: { Type: 'Pass', Assign: { x: 1 }, Next: 'Second' },
        Second: {
          Type: 'Pass',
          Assign: { x: '{% $x + 1 %}', y: '{% $x + 10 %}' },
          Output: '{% $x %}',
          Next: 'Third',
        },
        Third: { Type: 'Pass', Output: { before: '{% $states.input %}', x: '{% $x %}', y: '{% $y %}' }, End: true },
      }),
    );
    expect(ran.output).toEqual({ before: 1, x: 2, y: 11 });
  });

  test('of outer scopes can be read in branches and iterations; what those assign stays inside', async () => {
    const inner = (value: string) => ({
      StartAt: `${value}1`,
      States: {
        [`${value}1`]: { Type: 'Pass', Assign: { mine: `{% $outer & '${value}' %}` }, Next: `${value}2` },
        [`${value}2`]: { Type: 'Pass', Output: '{% $mine %}', End: true },
      },
    });
    const ran = await world.run(
      machine({
        Set: { Type: 'Pass', Assign: { outer: 'o' }, Next: 'Both' },
        Both: { Type: 'Parallel', Branches: [inner('a'), inner('b')], Next: 'Each' },
        Each: {
          Type: 'Map',
          Items: '{% $states.input %}',
          ItemSelector: { item: '{% $states.context.Map.Item.Value %}', at: '{% $states.context.Map.Item.Index %}' },
          ItemProcessor: {
            StartAt: 'Item',
            States: {
              Item: { Type: 'Pass', Output: '{% $outer & $states.input.item & $states.input.at %}', End: true },
            },
          },
          Next: 'After',
        },
        After: { Type: 'Pass', Output: { each: '{% $states.input %}', leaked: '{% $exists($mine) %}' }, End: true },
      }),
    );
    expect(ran.output).toEqual({ each: ['ooa0', 'oob1'], leaked: false });
  });
});

describe('tasks', () => {
  const task = (more: object) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ...more });

  test('take Arguments, and give $states.result to Output and Assign', async () => {
    const ran = await world.run(
      machine({
        Call: task({
          Arguments: { FunctionName: fn, Payload: { n: '{% $states.input.n * 2 %}' } },
          Assign: { n: '{% $states.result.Payload.got.n %}' },
          Output: '{% $states.result %}',
          Next: 'Show',
        }),
        Show: { Type: 'Pass', Output: { n: '{% $n %}', result: '{% $states.input %}' }, End: true },
      }),
      { n: 21 },
    );
    expect(ran.output).toEqual({
      n: 42,
      result: { ExecutedVersion: '$LATEST', Payload: { got: { n: 42 } }, StatusCode: 200 },
    });
    expect(world.calls.find(({ service }) => service === 'lambda')?.principal).toMatchObject({
      kind: 'role',
      roleName: 'machine',
    });
  });

  test('in Catch, errorOutput goes to Output and Assign; input stays readable', async () => {
    world.functions.set('worker', () => {
      throw new FunctionFailure('Broken', 'it broke');
    });
    const ran = await world.run(
      machine({
        Call: task({
          Arguments: { FunctionName: fn },
          Catch: [
            {
              ErrorEquals: ['Broken'],
              Assign: { failure: '{% $states.errorOutput.Error %}' },
              Output: { input: '{% $states.input %}', cause: '{% $parse($states.errorOutput.Cause).errorMessage %}' },
              Next: 'Show',
            },
          ],
          End: true,
        }),
        Show: { Type: 'Pass', Output: '{% $merge([$states.input, {"failure": $failure}]) %}', End: true },
      }),
      { a: 1 },
    );
    expect(ran.output).toEqual({ input: { a: 1 }, cause: 'it broke', failure: 'Broken' });
  });

  test('a failed evaluation in a task can be caught', async () => {
    const ran = await world.run(
      machine({
        Call: task({
          Arguments: { FunctionName: '{% $states.input.missing %}' },
          Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: 'caught', Next: 'End' }],
          End: true,
        }),
        End: { Type: 'Succeed' },
      }),
    );
    expect(ran).toMatchObject({ status: 'SUCCEEDED', output: 'caught' });
  });
});

describe('the other states', () => {
  const choose = (choices: object[], more: object = {}) =>
    machine({
      Which: { Type: 'Choice', Choices: choices, ...more },
      Yes: { Type: 'Pass', Output: { yes: '{% $exists($v) ? $v : 0 %}', in: '{% $states.input %}' }, End: true },
      No: { Type: 'Pass', Output: { no: '{% $exists($v) ? $v : 0 %}', in: '{% $states.input %}' }, End: true },
    });

  test('Choice takes the first rule that holds, with its own Assign and Output', async () => {
    const definition = choose(
      [
        { Condition: '{% $states.input.n > 10 %}', Next: 'No' },
        { Condition: '{% $states.input.n > 1 %}', Assign: { v: 5 }, Output: 'chosen', Next: 'Yes' },
      ],
      { Default: 'No', Assign: { v: 7 } },
    );
    expect((await world.run(definition, { n: 2 })).output).toEqual({ yes: 5, in: 'chosen' });
    expect((await world.run(definition, { n: 0 })).output).toEqual({ no: 7, in: { n: 0 } });
  });

  test('Choice without a match or a Default fails, and a Condition must be true or false', async () => {
    const rules = (Condition: string) =>
      choose([
        { Condition, Next: 'No' },
        { Condition: '{% false %}', Next: 'Yes' },
      ]);
    expect((await world.run(rules('{% false %}'))).error).toBe('States.NoChoiceMatched');
    expect((await world.run(rules('{% 1 %}'))).error).toBe('States.QueryEvaluationError');
  });

  test('Fail evaluates Error and Cause', async () => {
    const ran = await world.run(machine({ No: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'because' } }), {
      e: 'Mine',
    });
    expect(ran).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'because' });
  });

  test.each([
    [{ Seconds: '{% $states.input.s %}' }, 90],
    [{ Timestamp: '2026-11-23T12:01:30Z' }, 90],
    [{ Timestamp: '{% $states.input.t %}' }, 90],
    [{ Timestamp: '2020-01-01T00:00:00Z' }, 0],
  ])('Wait %j', async (how, seconds) => {
    const ran = await world.run(machine({ Rest: { Type: 'Wait', ...how, End: true } }), {
      s: 90,
      t: '2026-11-23T12:01:30Z',
    });
    const events = await world.history(ran.executionArn);
    const [start, end] = [events[0], events.at(-1)].map((event) => event?.timestamp?.getTime() ?? 0);
    expect(Math.round(((end ?? 0) - (start ?? 0)) / 1000)).toBe(seconds);
  });

  test('Map runs items side by side within MaxConcurrency, in order of items, and needs an array', async () => {
    let running = 0;
    let most = 0;
    world.functions.set('worker', async (n: number) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => world.sandbox.clock.after((10 - n) * 1000, resolve));
      running -= 1;
      return n * n;
    });
    const each = (Items: string) =>
      machine({
        Each: {
          Type: 'Map',
          Items,
          MaxConcurrency: 2,
          ItemProcessor: {
            StartAt: 'Square',
            States: {
              Square: {
                Type: 'Task',
                Resource: fn,
                Arguments: '{% $states.input %}',
                End: true,
              },
            },
          },
          End: true,
        },
      });
    expect((await world.run(each('{% [1..5] %}'))).output).toEqual([1, 4, 9, 16, 25]);
    expect(most).toBe(2);
    const wrong = await world.run(each('{% 1 %}'));
    expect(wrong.error).toBe('States.QueryEvaluationError');
    expect(wrong.cause).toContain("Expected 'array', but was 'number' for value: 1");
  });
});
