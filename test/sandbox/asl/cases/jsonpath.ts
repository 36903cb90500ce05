/** JSONPath states: paths, data flow, choices, maps, failures. Sources: the ASL specification; recordings of AWS. */

import { type Case, machine, occurredIn, only } from './case.ts';

const input = {
  a: { b: [10, 20, 30] },
  'odd name': 'o',
  n: 5,
  s: 'log-2026.txt',
  t: '2026-11-23T12:00:00Z',
  yes: true,
  nil: null,
};

const path = (expression: string, output: unknown): Case => ({
  name: `path ${expression}`,
  definition: only({ Type: 'Pass', Parameters: { 'x.$': expression } }),
  input,
  output: { x: output },
});
const rule = (test: object, output: boolean): Case => ({
  name: `rule ${JSON.stringify(test)}`,
  definition: machine({
    Which: { Type: 'Choice', Choices: [{ ...test, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: true, End: true },
    No: { Type: 'Pass', Result: false, End: true },
  }),
  input,
  output,
});
const pass = (name: string, fields: object, output: unknown): Case => ({
  name,
  definition: only({ Type: 'Pass', ...fields }),
  input,
  output,
});
const runtime = (name: string, state: object, what: string, given: unknown = input): Case => ({
  name,
  definition: only(state),
  input: given,
  error: 'States.Runtime',
  cause: `${occurredIn('Only', 2)} ${what}`,
});
const waitTime = (value: unknown, what: string): Case =>
  runtime(`Wait: SecondsPath to ${JSON.stringify(value)}`, { Type: 'Wait', SecondsPath: '$.w' }, what, { w: value });
const waitUntil = (value: string): Case =>
  runtime(
    `Wait: TimestampPath to ${value}`,
    { Type: 'Wait', TimestampPath: '$.w' },
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: $.w == ${value}`,
    { w: value },
  );
const each = (more: object) => ({
  Type: 'Map',
  ItemProcessor: machine({ Item: { Type: 'Pass', End: true } }),
  ...more,
});
const failing = { Item: { Type: 'Fail', Error: 'Mine', Cause: 'because' } };

export const jsonPathCases: readonly Case[] = [
  path('$.a.b[1]', 20),
  path('$.a.b[-1]', 30),
  path('$.a.b[0:2]', [10, 20]),
  path('$.a.b[1:]', [20, 30]),
  path('$.a.b[*]', [10, 20, 30]),
  path("$['odd name']", 'o'),
  path('$..b', [[10, 20, 30]]),
  path('$.gone[*]', []),
  path('$.gone[1:]', []),
  path('$$.Execution.Input.n', 5),
  path('$$.State.Name', 'Only'),
  pass('Result', { Result: { r: 1 } }, { r: 1 }),
  pass('Result at ResultPath', { Result: 1, ResultPath: '$.x.y' }, { ...input, x: { y: 1 } }),
  pass('ResultPath null', { Result: 1, ResultPath: null }, input),
  pass('InputPath null', { InputPath: null }, {}),
  pass('OutputPath null', { OutputPath: null }, {}),
  pass('InputPath and OutputPath', { InputPath: '$.a', OutputPath: '$.b' }, [10, 20, 30]),
  {
    name: 'Assign and read by name',
    definition: machine({
      A: { Type: 'Pass', Assign: { 'b.$': '$.a.b', fixed: 1 }, Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'last.$': '$b[2]', 'sum.$': 'States.MathAdd($fixed, $b[0])' }, End: true },
    }),
    input,
    output: { last: 30, sum: 11 },
  },
  rule({ Variable: '$.n', NumericEquals: 5 }, true),
  rule({ Variable: '$.n', NumericLessThan: 5 }, false),
  rule({ Variable: '$.n', NumericLessThanEqualsPath: '$.a.b[0]' }, true),
  rule({ Variable: '$.n', NumericGreaterThanEquals: 5 }, true),
  rule({ Variable: '$.n', StringEquals: '5' }, false),
  rule({ Variable: '$.s', StringMatches: 'log-*.txt' }, true),
  rule({ Variable: '$.s', StringGreaterThanEquals: 'log' }, true),
  rule({ Variable: '$.s', StringLessThan: 'log' }, false),
  rule({ Variable: '$.yes', BooleanEquals: true }, true),
  rule({ Variable: '$.t', TimestampEquals: '2026-11-23T12:00:00Z' }, true),
  rule({ Variable: '$.t', TimestampGreaterThan: '2026-11-23T13:00:00+02:00' }, true),
  rule({ Variable: '$.nil', IsNull: true }, true),
  rule({ Variable: '$.nil', IsPresent: true }, true),
  rule({ Variable: '$.gone', IsPresent: false }, true),
  rule({ Variable: '$.n', IsNumeric: true }, true),
  rule({ Variable: '$.t', IsTimestamp: true }, true),
  rule({ Variable: '$.s', IsTimestamp: true }, false),
  rule({ Variable: '$.s', IsString: true }, true),
  rule({ Variable: '$.yes', IsBoolean: false }, false),
  rule({ Not: { Variable: '$.n', NumericEquals: 5 } }, false),
  rule(
    {
      And: [
        { Variable: '$.n', IsNumeric: true },
        { Variable: '$.n', NumericGreaterThan: 4 },
      ],
    },
    true,
  ),
  rule(
    {
      Or: [
        { Variable: '$.n', NumericEquals: 1 },
        { Variable: '$.yes', BooleanEquals: true },
      ],
    },
    true,
  ),
  runtime(
    'a template whose path leads nowhere',
    { Type: 'Pass', Parameters: { 'v.$': '$.gone' } },
    `The JSONPath '$.gone' specified for the field 'v.$' could not be found in the input '{"k":1}'`,
    { k: 1 },
  ),
  runtime(
    'an InputPath that leads nowhere',
    { Type: 'Pass', InputPath: '$.gone' },
    "Invalid path '$.gone' : No results for path: $['gone']",
  ),
  runtime(
    'an OutputPath that ends before its last step',
    { Type: 'Pass', OutputPath: '$.no.such.path' },
    "Invalid path '$.no.such.path' : Missing property in path $['no']",
  ),
  {
    name: 'an ErrorPath that leads nowhere',
    definition: { StartAt: 'No', States: { No: { Type: 'Fail', ErrorPath: '$.gone' } } },
    input: { k: 1 },
    error: 'States.Runtime',
    cause: `${occurredIn('No', 2)} The JSONPath '$.gone' specified for the field 'ErrorPath' could not be found in the input '{"k":1}'`,
  },
  waitTime(-1, 'The SecondsPath parameter references a negative value: $.w == -1'),
  waitTime(1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.w == 1.5'),
  waitTime(-1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.w == -1.5'),
  runtime(
    'Wait: SecondsPath to nothing',
    { Type: 'Wait', SecondsPath: '$.w' },
    'The SecondsPath parameter does not reference an input value: $.w',
  ),
  waitUntil('2016-12-05 21:29:29Z'),
  waitUntil('2016-12-05T21:29:29'),
  waitUntil('2016-13-05T21:29:29Z'),
  waitUntil('2016-12-05T25:29:29Z'),
  waitUntil('05-12-2016T21:29:29Z'),
  runtime('Wait: too far ahead', { Type: 'Wait', TimestampPath: '$.w' }, 'Wait state delay is too long.', {
    w: '2126-01-01T00:00:00Z',
  }),
  {
    name: 'Map: MaxConcurrencyPath to digits in a string',
    definition: only(each({ MaxConcurrencyPath: '$.m', ItemsPath: '$.items' })),
    input: { m: '1', items: [1, 2] },
    output: [1, 2],
    history: [
      'ExecutionStarted 0',
      'MapStateEntered 0',
      'MapStateStarted 2',
      'MapIterationStarted 3',
      'PassStateEntered 4',
      'PassStateExited 5',
      'MapIterationSucceeded 6',
      'MapIterationStarted 6',
      'PassStateEntered 8',
      'PassStateExited 9',
      'MapIterationSucceeded 10',
      'MapStateSucceeded 11',
      'MapStateExited 11',
      'ExecutionSucceeded 13',
    ],
  },
  runtime(
    'Map: MaxConcurrencyPath to no number',
    each({ MaxConcurrencyPath: '$.m', ItemsPath: '$.items' }),
    'The MaxConcurrencyPath field refers to value "NoNumber" which is not a valid integer: $.m',
    { m: 'NoNumber', items: [] },
  ),
  {
    name: 'Map: ItemSelector',
    definition: only(
      each({
        ItemsPath: '$.a.b',
        ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'n.$': '$.n' },
        MaxConcurrency: 1,
      }),
    ),
    input: { a: { b: ['x', 'y'] }, n: 5 },
    output: [
      { i: 0, v: 'x', n: 5 },
      { i: 1, v: 'y', n: 5 },
    ],
  },
  {
    name: 'Map: a failed iteration, caught',
    definition: machine({
      Each: {
        Type: 'Map',
        ItemProcessor: machine(failing),
        Catch: [{ ErrorEquals: ['Mine'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Pass', End: true },
    }),
    input: [1],
    output: { Error: 'Mine', Cause: 'because' },
    history: [
      'ExecutionStarted 0',
      'MapStateEntered 0',
      'MapStateStarted 2',
      'MapIterationStarted 3',
      'FailStateEntered 4',
      'MapIterationFailed 5',
      'MapStateFailed 5',
      'MapStateExited 7',
      'PassStateEntered 8',
      'PassStateExited 9',
      'ExecutionSucceeded 10',
    ],
  },
  {
    name: 'Map: retried',
    definition: only({
      Type: 'Map',
      ItemProcessor: machine(failing),
      Retry: [{ ErrorEquals: ['Mine'], IntervalSeconds: 1, MaxAttempts: 1 }],
    }),
    input: [1],
    error: 'Mine',
    cause: 'because',
    history: [
      'ExecutionStarted 0',
      'MapStateEntered 0',
      'MapStateStarted 2',
      'MapIterationStarted 3',
      'FailStateEntered 4',
      'MapIterationFailed 5',
      'MapStateStarted 5',
      'MapIterationStarted 7',
      'FailStateEntered 8',
      'MapIterationFailed 9',
      'MapStateFailed 9',
      'ExecutionFailed 11',
    ],
  },
  {
    name: 'Parallel: outputs in the order of its branches',
    definition: only({
      Type: 'Parallel',
      Branches: [
        machine({ A: { Type: 'Pass', Result: 'a', End: true } }),
        machine({ B: { Type: 'Pass', Result: 'b', End: true } }),
      ],
      ResultSelector: { 'both.$': '$' },
      ResultPath: '$.out',
    }),
    input: { k: 1 },
    output: { k: 1, out: { both: ['a', 'b'] } },
  },
  {
    name: 'Parallel: retried, then failed',
    definition: only({
      Type: 'Parallel',
      Branches: [machine(failing)],
      Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1 }],
    }),
    error: 'Mine',
    cause: 'because',
    history: [
      'ExecutionStarted 0',
      'ParallelStateEntered 0',
      'ParallelStateStarted 2',
      'FailStateEntered 3',
      'ParallelStateStarted 4',
      'FailStateEntered 5',
      'ParallelStateFailed 6',
      'ExecutionFailed 7',
    ],
  },
  {
    name: 'Catch: States.Runtime is not caught by States.ALL',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [machine({ A: { Type: 'Pass', InputPath: '$.gone', End: true } })],
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    }),
    error: 'States.Runtime',
  },
  {
    name: 'Catch: the error goes where ResultPath says',
    definition: machine({
      Both: {
        Type: 'Parallel',
        Branches: [machine(failing)],
        Catch: [{ ErrorEquals: ['States.TaskFailed'], ResultPath: '$.error', Next: 'Caught' }],
        End: true,
      },
      Caught: { Type: 'Succeed' },
    }),
    input: { k: 1 },
    output: { k: 1, error: { Error: 'Mine', Cause: 'because' } },
  },
  {
    name: 'a payload over 256 KiB',
    definition: machine({
      Grow: { Type: 'Pass', Parameters: { 'a.$': '$', 'b.$': '$' }, Next: 'Done' },
      Done: { Type: 'Succeed' },
    }),
    input: 'x'.repeat(140_000),
    error: 'States.DataLimitExceeded',
    cause: "The state/task 'Grow' returned a result with a size exceeding the maximum number of bytes service limit.",
  },
];
