/** Definitions that are not accepted: the code and the path of what is wrong. Source: ValidateStateMachineDefinition; recordings of AWS. */

import { jsonata, machine, only } from './case.ts';

export interface RefusedCase {
  readonly name: string;
  readonly definition: object | string;
  readonly code: string;
  /** Absent where AWS gives none. */
  readonly location?: string;
  readonly message?: string;
}

const schema = (name: string, definition: object | string, location: string, message?: string): RefusedCase => ({
  name,
  definition,
  code: 'SCHEMA_VALIDATION_FAILED',
  location,
  ...(message === undefined ? {} : { message }),
});
const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

export const refusedCases: readonly RefusedCase[] = [
  {
    name: 'nothing',
    definition: '',
    code: 'SCHEMA_VALIDATION_FAILED',
    message: 'Definition must be a valid JSON object',
  },
  { name: 'no JSON', definition: 'not a definition', code: 'INVALID_JSON_DESCRIPTION', location: '/' },
  schema('an empty object', {}, '/', 'These fields are required: [States, StartAt]'),
  schema('no StartAt', { States: {} }, '/', 'These fields are required: [StartAt]'),
  schema(
    'JSONPath in a JSONata machine',
    only({ Type: 'Pass', QueryLanguage: 'JSONPath' }, jsonata),
    '/States/Only',
    "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
  ),
  schema('an unknown type', only({ Type: 'Jump' }), '/States/Only/Type'),
  schema('a JSONata field in a JSONPath state', only({ Type: 'Pass', Output: {} }), '/States/Only/Output'),
  schema(
    'a JSONPath field in a JSONata state',
    only({ Type: 'Pass', InputPath: '$' }, jsonata),
    '/States/Only/InputPath',
  ),
  schema('broken JSONata', only({ Type: 'Pass', Output: { a: '{% 1 + %}' } }, jsonata), '/States/Only/Output/a'),
  schema('a broken path', only({ Type: 'Pass', InputPath: 'a.b' }), '/States/Only/InputPath'),
  schema(
    'a retry out of range',
    only({ ...task, Retry: [{ ErrorEquals: ['x'], MaxAttempts: -1 }] }),
    '/States/Only/Retry[0]/MaxAttempts',
  ),
  schema(
    'MaxDelaySeconds not above IntervalSeconds',
    only({ ...task, Retry: [{ ErrorEquals: ['x'], IntervalSeconds: 9, MaxDelaySeconds: 9 }] }),
    '/States/Only/Retry[0]/MaxDelaySeconds',
  ),
  schema(
    'States.ALL among others',
    only({ ...task, Retry: [{ ErrorEquals: ['States.ALL', 'x'] }] }),
    '/States/Only/Retry[0]/ErrorEquals',
  ),
  schema('the reserved variable', only({ Type: 'Pass', Assign: { states: 1 } }), '/States/Only/Assign/states'),
  schema(
    'a variable of an outer scope',
    only({
      Type: 'Parallel',
      Assign: { x: 1 },
      Branches: [machine({ A: { Type: 'Pass', Assign: { x: 2 }, End: true } })],
    }),
    '/States/Only/Branches[0]/States/A/Assign/x',
  ),
  schema('an unknown field', only({ Type: 'Pass', Nxt: 'A' }), '/States/Only', "Field 'Nxt' is not supported"),
  schema(
    'an unknown field of the machine',
    { ...only({ Type: 'Pass' }), Steps: 1 },
    '/',
    "Field 'Steps' is not supported",
  ),
  schema(
    'a retry of what can not fail',
    only({ Type: 'Pass', Retry: [] }),
    '/States/Only',
    "Field 'Retry' is not supported",
  ),
  schema('a task without a resource', only({ Type: 'Task' }), '/States/Only', 'These fields are required: [Resource]'),
  schema('a state that leads nowhere', machine({ A: { Type: 'Pass' } }), '/States/A'),
  schema('a state that leads on and ends', machine({ A: { Type: 'Pass', Next: 'A', End: true } }), '/States/A'),
  schema('a wait for nothing', only({ Type: 'Wait' }), '/States/Only'),
  schema(
    'a wait for text',
    only({ Type: 'Wait', Seconds: 'x' }),
    '/States/Only/Seconds',
    'Expected value of type Integer',
  ),
  schema(
    'a heartbeat that is no shorter than the timeout',
    only({ ...task, TimeoutSeconds: 5, HeartbeatSeconds: 5 }),
    '/States/Only/HeartbeatSeconds',
  ),
  schema('a result path of many places', only({ Type: 'Pass', ResultPath: '$.a[*]' }), '/States/Only/ResultPath'),
  schema('two quoted names without a comma', only({ Type: 'Pass', InputPath: "$['a' 'b']" }), '/States/Only/InputPath'),
  schema(
    'an unknown field of a catcher',
    only({ ...task, Catch: [{ ErrorEquals: ['x'], Next: 'Only', Then: 1 }] }),
    '/States/Only/Catch[0]',
  ),
  schema('no branches', only({ Type: 'Parallel', Branches: [] }), '/States/Only/Branches'),
  schema('no resource at all', only({ Type: 'Task', Resource: 'worker' }), '/States/Only/Resource'),
  schema(
    'an operator nobody knows',
    machine({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericIs: 1, Next: 'B' }] }, B: { Type: 'Succeed' } }),
    '/States/A/Choices[0]',
    "Field 'NumericIs' is not supported",
  ),
  schema(
    'a rule inside a rule that leads on',
    machine({
      A: { Type: 'Choice', Choices: [{ Not: { Variable: '$.a', IsNull: true, Next: 'B' }, Next: 'B' }] },
      B: { Type: 'Succeed' },
    }),
    '/States/A/Choices[0]/Not',
  ),
  schema(
    'a condition that is no expression',
    {
      ...machine({ A: { Type: 'Choice', Choices: [{ Condition: 'yes', Next: 'B' }] }, B: { Type: 'Succeed' } }),
      ...jsonata,
    },
    '/States/A/Choices[0]/Condition',
  ),
  {
    name: 'a state no other leads to',
    definition: machine({ A: { Type: 'Succeed' }, B: { Type: 'Succeed' } }),
    code: 'MISSING_TRANSITION_TARGET',
    location: '/States/B',
  },
  {
    name: 'a target that is not there',
    definition: machine({ A: { Type: 'Pass', Next: 'B' } }),
    code: 'MISSING_TRANSITION_TARGET',
    location: '/States/A/Next',
  },
  {
    name: 'a start that is not there',
    definition: { StartAt: 'B', States: { A: { Type: 'Succeed' } } },
    code: 'MISSING_TRANSITION_TARGET',
    location: '/StartAt',
  },
];
