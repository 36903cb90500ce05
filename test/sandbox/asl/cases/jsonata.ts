/** JSONata states. Sources: Step Functions Developer Guide, "Transforming data with JSONata"; recordings of AWS. */

import { type Case, jsonata, machine, occurredIn, only } from './case.ts';

const input = { n: 3, list: [{ v: 1 }, { v: 2 }, { v: 3 }], text: 'a b', nil: null };
const gives = (expression: string, output: unknown): Case => ({
  name: expression,
  definition: only({ Type: 'Pass', Output: `{% ${expression} %}` }, jsonata),
  input,
  output,
});
const evaluation = (expression: string, what: string): Case => ({
  name: `${expression} fails`,
  definition: only({ Type: 'Pass', Output: { x: `{% ${expression} %}` } }, jsonata),
  input,
  error: 'States.QueryEvaluationError',
  cause: `${occurredIn('Only', 2)} The JSONata expression '${expression}' specified for the field 'Output/x' ${what}`,
  history: ['ExecutionStarted 0', 'PassStateEntered 0', 'EvaluationFailed 0', 'ExecutionFailed 3'],
});
const notAnArray = (items: unknown, kind: string, text: string): Case => ({
  name: `Map over ${text}`,
  definition: only(
    {
      Type: 'Map',
      ...(items === undefined ? {} : { Items: items }),
      ItemProcessor: machine({ Item: { Type: 'Pass', End: true } }),
    },
    jsonata,
  ),
  input: 7,
  error: 'States.QueryEvaluationError',
  cause:
    items === undefined
      ? `${occurredIn('Only', 2)} Map state input must be an array but was: 7`
      : `${occurredIn('Only', 2)} The JSONata expression '${text}' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was '${kind}' for value: ${text}`,
  history: ['ExecutionStarted 0', 'MapStateEntered 0', 'EvaluationFailed 0', 'MapStateFailed 3', 'ExecutionFailed 4'],
});

export const jsonataCases: readonly Case[] = [
  gives('$states.input', input),
  gives('$states.input.list.v', [1, 2, 3]),
  gives('$states.input.list[v > 2].v', 3),
  gives('$sum($states.input.list.v)', 6),
  gives('$partition($states.input.list.v, 2)', [[1, 2], [3]]),
  gives('$partition([0], 1)', [[0]]),
  gives('$range(0, 9, 3)', [0, 3, 6, 9]),
  gives('$range(1, 9, 9)', 1),
  gives(
    "$hash('a', 'SHA-512')",
    '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75',
  ),
  gives('$parse(\'{"a":[1]}\')', { a: [1] }),
  gives('$random(7) = $random(7)', true),
  gives('$length($uuid())', 36),
  gives("$split($states.input.text, ' ')", ['a', 'b']),
  gives('$uppercase($states.input.text)', 'A B'),
  gives('$map([1,2], function($x) { $x * 2 })', [2, 4]),
  gives("$exists($states.input.gone) ? 'there' : 'gone'", 'gone'),
  gives('$states.input.nil', null),
  gives('$type($states.context.Execution.Input.n)', 'number'),
  gives('$states.context.State.Name', 'Only'),
  gives('$merge([{"a":1},{"b":2}])', { a: 1, b: 2 }),
  evaluation('$states.input.gone', 'returned nothing (undefined).'),
  {
    name: 'Assign sees the variables before it, Output too',
    definition: machine(
      {
        First: { Type: 'Pass', Assign: { x: 1 }, Next: 'Second' },
        Second: { Type: 'Pass', Assign: { x: '{% $x + 1 %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'Third' },
        Third: { Type: 'Pass', Output: ['{% $states.input %}', '{% $x %}', '{% $y %}'], End: true },
      },
      jsonata,
    ),
    output: [1, 2, 1],
  },
  {
    name: 'a variable of a branch stays in it',
    definition: machine(
      {
        Both: {
          Type: 'Parallel',
          Branches: [machine({ A: { Type: 'Pass', Assign: { mine: 1 }, End: true } })],
          Next: 'After',
        },
        After: { Type: 'Pass', Output: '{% $exists($mine) %}', End: true },
      },
      jsonata,
    ),
    output: false,
  },
  {
    name: 'Choice: the rule that matches has Output and Assign of its own',
    definition: machine(
      {
        Which: {
          Type: 'Choice',
          Choices: [{ Condition: '{% $states.input.n = 3 %}', Output: 'three', Assign: { v: 3 }, Next: 'End' }],
          Output: 'other',
          Default: 'End',
        },
        End: { Type: 'Pass', Output: ['{% $states.input %}', '{% $exists($v) %}'], End: true },
      },
      jsonata,
    ),
    input,
    output: ['three', true],
  },
  {
    name: 'Choice: a constant condition',
    definition: machine(
      {
        Which: { Type: 'Choice', Choices: [{ Condition: true, Next: 'Yes' }], Default: 'No' },
        Yes: { Type: 'Succeed', Output: 'yes' },
        No: { Type: 'Succeed', Output: 'no' },
      },
      jsonata,
    ),
    output: 'yes',
  },
  {
    name: 'Choice: nothing matches',
    definition: machine(
      { Which: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'End' }] }, End: { Type: 'Succeed' } },
      jsonata,
    ),
    error: 'States.NoChoiceMatched',
  },
  {
    name: 'Fail evaluates its fields',
    definition: {
      ...jsonata,
      StartAt: 'No',
      States: { No: { Type: 'Fail', Error: '{% "E" & $states.input.n %}', Cause: 'because' } },
    },
    input,
    error: 'E3',
    cause: 'because',
    history: ['ExecutionStarted 0', 'FailStateEntered 0', 'ExecutionFailed 2'],
  },
  {
    name: 'Wait: a timestamp that is none',
    definition: only({ Type: 'Wait', Timestamp: '{% $states.input %}' }, jsonata),
    input: '2016-12-05 21:29:29Z',
    error: 'States.QueryEvaluationError',
    cause: `${occurredIn('Only', 2)} The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: 2016-12-05 21:29:29Z`,
    history: ['ExecutionStarted 0', 'WaitStateEntered 0', 'EvaluationFailed 0', 'ExecutionFailed 3'],
  },
  {
    name: 'a JSONata state in a JSONPath machine',
    definition: machine({
      A: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% $states.input.n * 2 %}', Next: 'B' },
      B: { Type: 'Pass', Parameters: { 'n.$': '$' }, End: true },
    }),
    input,
    output: { n: 6 },
  },
  notAnArray(undefined, '', '7 as input'),
  notAnArray('{% 1 %}', 'number', '1'),
  notAnArray('{% null %}', 'null', 'null'),
  notAnArray('{% true %}', 'boolean', 'true'),
  {
    name: 'Map: no items',
    definition: only(
      { Type: 'Map', Items: [], ItemProcessor: machine({ Item: { Type: 'Pass', End: true } }) },
      jsonata,
    ),
    output: [],
    history: [
      'ExecutionStarted 0',
      'MapStateEntered 0',
      'MapStateStarted 2',
      'MapStateSucceeded 3',
      'MapStateExited 3',
      'ExecutionSucceeded 5',
    ],
  },
];
