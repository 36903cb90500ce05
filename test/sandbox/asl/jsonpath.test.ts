/** JSONPath states: paths, templates, intrinsic functions, choice rules. */

import { beforeEach, describe, expect, test } from 'vitest';
import { atPath, pathProblem, withAtPath } from '../../../src/sandbox/asl/json-path.ts';
import { FunctionFailure, newWorld, type World } from '../services/states/world.ts';

const fn = 'arn:aws:lambda:us-west-2:111122223333:function:worker';

let world: World;
beforeEach(() => {
  world = newWorld();
  world.functions.set('worker', (payload) => ({ got: payload ?? null, more: 1 }));
});

const machine = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });
const pass = (fields: object) => machine({ Only: { Type: 'Pass', ...fields, End: true } });

describe('paths', () => {
  const roots = {
    input: { a: { b: [{ n: 1 }, { n: 2 }, { n: 3 }] }, 'odd name': true },
    context: { Execution: { Id: 'x' } },
    variables: { v: { deep: [7] } },
  };

  test.each([
    ['$', roots.input],
    ['$.a.b[1].n', 2],
    ['$.a.b[-1].n', 3],
    ["$['odd name']", true],
    ['$.a.b[*].n', [1, 2, 3]],
    ['$.a.b[0:2].n', [1, 2]],
    ['$.a.b[0,2].n', [1, 3]],
    ['$..n', [1, 2, 3]],
    ['$.none[*]', []],
    ['$$.Execution.Id', 'x'],
    ['$v.deep[0]', 7],
  ])('%s', (path, expected) => {
    expect(atPath(path, roots)).toEqual(expected);
  });

  test('a definite path that leads nowhere is an error, and filters are refused', () => {
    expect(() => atPath('$.a.c', roots)).toThrow("Invalid path '$.a.c'");
    expect(pathProblem('$.a[?(@.n > 1)]')).toMatch(/filter expressions/);
    expect(pathProblem('a.b')).toMatch(/must begin with/);
  });

  test('a reference path makes objects on its way', () => {
    expect(withAtPath('$.x.y', { a: 1 }, 2)).toEqual({ a: 1, x: { y: 2 } });
    expect(withAtPath('$.list[1]', { list: [1, 2] }, 9)).toEqual({ list: [1, 9] });
    expect(() => withAtPath('$.a.b', { a: 1 }, 2)).toThrow(/Unable to apply/);
  });
});

describe('data flow', () => {
  test('InputPath, Parameters, ResultSelector, ResultPath, OutputPath', async () => {
    const ran = await world.run(
      machine({
        Call: {
          Type: 'Task',
          Resource: fn,
          InputPath: '$.in',
          Parameters: { 'n.$': '$.n', name: 'x', 'exec.$': '$$.Execution.Name' },
          ResultSelector: { 'n.$': '$.got.n', 'name.$': '$.got.name' },
          ResultPath: '$.result',
          OutputPath: '$.result',
          End: true,
        },
      }),
      { in: { n: 4 } },
    );
    expect(ran.output).toEqual({ n: 4, name: 'x' });
    const types = (await world.history(ran.executionArn)).map(({ type }) => type);
    expect(types).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
  });

  test('null paths discard', async () => {
    expect((await world.run(pass({ ResultPath: null, Result: 5 }), { a: 1 })).output).toEqual({ a: 1 });
    expect((await world.run(pass({ InputPath: null }), { a: 1 })).output).toEqual({});
    expect((await world.run(pass({ OutputPath: null }), { a: 1 })).output).toEqual({});
  });

  test('Assign reads the raw result; variables are read with $name', async () => {
    const ran = await world.run(
      machine({
        Call: {
          Type: 'Task',
          Resource: fn,
          ResultSelector: { other: true },
          Assign: { 'more.$': '$.more', fixed: 'f' },
          Next: 'Show',
        },
        Show: {
          Type: 'Pass',
          Parameters: { 'more.$': '$more', 'fixed.$': "States.Format('<{}>', $fixed)" },
          End: true,
        },
      }),
    );
    expect(ran.output).toEqual({ more: 1, fixed: '<f>' });
  });

  test('a path that leads nowhere fails the execution: States.ALL does not catch it', async () => {
    const ran = await world.run(
      machine({
        Call: {
          Type: 'Task',
          Resource: fn,
          Parameters: { 'x.$': '$.missing' },
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      }),
    );
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(ran.cause).toContain(
      "the state 'Call' (entered at the event id #2). The JSONPath '$.missing' specified for the field 'x.$'",
    );
  });

  test('Catch puts the error where ResultPath says', async () => {
    world.functions.set('worker', () => {
      throw new FunctionFailure('Broken', 'it broke');
    });
    const ran = await world.run(
      machine({
        Call: {
          Type: 'Task',
          Resource: fn,
          Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Caught' }],
          End: true,
        },
        Caught: { Type: 'Succeed' },
      }),
      { a: 1 },
    );
    expect(ran.output).toMatchObject({ a: 1, error: { Error: 'Broken' } });
  });

  test('Map with ItemsPath and ItemSelector; Wait, timeouts and Fail by path', async () => {
    const ran = await world.run(
      machine({
        Each: {
          Type: 'Map',
          ItemsPath: '$.list',
          ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'k.$': '$.k' },
          ItemProcessor: { StartAt: 'One', States: { One: { Type: 'Pass', End: true } } },
          ResultPath: '$.each',
          Next: 'Rest',
        },
        Rest: { Type: 'Wait', SecondsPath: '$.s', Next: 'No' },
        No: { Type: 'Fail', ErrorPath: '$.k', CausePath: 'States.JsonToString($.each[1])' },
      }),
      { list: ['a', 'b'], k: 'K', s: 30 },
    );
    expect(ran).toMatchObject({ status: 'FAILED', error: 'K', cause: '{"i":1,"v":"b","k":"K"}' });
  });
});

describe('intrinsic functions', () => {
  test.each([
    ["States.Format('Hi {}, \\{\\} {}', $.name, $.n)", 'Hi Ann, {} 3'],
    ["States.StringToJson('[1]')", [1]],
    ['States.JsonToString($.list)', '[1,2,2]'],
    ["States.Array(1, 'two', null, States.Array())", [1, 'two', null, []]],
    ['States.ArrayPartition($.list, 2)', [[1, 2], [2]]],
    ['States.ArrayContains($.list, 2)', true],
    ['States.ArrayRange(1, 9, 4)', [1, 5, 9]],
    ['States.ArrayGetItem($.list, 1)', 2],
    ['States.ArrayLength($.list)', 3],
    ['States.ArrayUnique($.list)', [1, 2]],
    ["States.Base64Decode(States.Base64Encode('é'))", 'é'],
    ["States.Hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'],
    ['States.JsonMerge($.one, $.two, false)', { a: 1, b: 3 }],
    ['States.MathRandom(5, 6)', 5],
    ['States.MathAdd(2, -5)', -3],
    ["States.StringSplit('1,2;3', ',;')", ['1', '2', '3']],
  ])('%s', async (call, expected) => {
    const ran = await world.run(pass({ Parameters: { 'x.$': call } }), {
      name: 'Ann',
      n: 3,
      list: [1, 2, 2],
      one: { a: 1, b: 2 },
      two: { b: 3 },
    });
    expect(ran.output).toEqual({ x: expected });
  });

  test('that fail raise States.IntrinsicFailure', async () => {
    const ran = await world.run(pass({ Parameters: { 'x.$': "States.StringToJson('{')" } }));
    expect(ran).toMatchObject({ status: 'FAILED', error: 'States.IntrinsicFailure' });
  });
});

describe('choice rules', () => {
  const input = {
    n: 5,
    s: 'log-2026.txt',
    b: true,
    nil: null,
    t: '2026-11-23T12:00:00Z',
    same: 5,
    star: 'a*b',
  };
  test.each([
    [{ Variable: '$.n', NumericEquals: 5 }, true],
    [{ Variable: '$.n', NumericGreaterThanEqualsPath: '$.same' }, true],
    [{ Variable: '$.n', NumericLessThan: 5 }, false],
    [{ Variable: '$.n', StringEquals: '5' }, false],
    [{ Variable: '$.s', StringMatches: 'log-*.txt' }, true],
    [{ Variable: '$.s', StringMatches: 'log-*.csv' }, false],
    [{ Variable: '$.star', StringMatches: 'a\\*b' }, true],
    [{ Variable: '$.s', StringGreaterThan: 'log' }, true],
    [{ Variable: '$.b', BooleanEquals: true }, true],
    [{ Variable: '$.t', TimestampLessThan: '2026-11-23T13:00:01+01:00' }, true],
    [{ Variable: '$.t', IsTimestamp: true }, true],
    [{ Variable: '$.nil', IsNull: true }, true],
    [{ Variable: '$.gone', IsPresent: false }, true],
    [{ Variable: '$.n', IsString: false }, true],
    [
      {
        And: [
          { Variable: '$.gone', IsPresent: true },
          { Variable: '$.gone', NumericEquals: 1 },
        ],
      },
      false,
    ],
    [{ Or: [{ Variable: '$.n', NumericEquals: 1 }, { Not: { Variable: '$.b', BooleanEquals: false } }] }, true],
  ])('%j', async (rule, expected) => {
    const ran = await world.run(
      machine({
        Which: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
        Yes: { Type: 'Pass', Result: true, End: true },
        No: { Type: 'Pass', Result: false, End: true },
      }),
      input,
    );
    expect(ran.output).toBe(expected);
  });
});
