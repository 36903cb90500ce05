/** State machines: what is accepted, what is refused and how, and their life. */

import { beforeEach, describe, expect, test } from 'vitest';
import { newWorld, region, roleArn, type World } from './world.ts';

const arn = `arn:aws:states:${region}:111122223333:stateMachine:machine`;
const simple = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const inner = { StartAt: 'B', States: { B: { Type: 'Pass', End: true } } };
const waiting = { StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 60, Next: 'B' }, B: { Type: 'Succeed' } } };

let world: World;
beforeEach(() => {
  world = newWorld();
});

const text = (definition: object) => JSON.stringify(definition);
const codeOfCreating = (definition: unknown, more: object = {}) =>
  world
    .states('CreateStateMachine', {
      name: 'm',
      roleArn,
      definition: typeof definition === 'string' ? definition : text(definition as object),
      ...more,
    })
    .then(
      () => 'accepted',
      (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
    );
const state = (fields: object) => ({ QueryLanguage: 'JSONata', StartAt: 'A', States: { A: { ...fields } } });
const task = (Resource: string) => state({ Type: 'Task', Resource, End: true });

describe('creation', () => {
  test('describes what was given', async () => {
    await world.create(simple);
    expect(await world.states('DescribeStateMachine', { stateMachineArn: arn })).toEqual({
      stateMachineArn: arn,
      name: 'machine',
      status: 'ACTIVE',
      type: 'STANDARD',
      creationDate: new Date(world.sandbox.clock.now()),
      definition: text(simple),
      roleArn,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    });
  });

  test('again, exactly so, changes nothing; otherwise the name is taken', async () => {
    await world.create(simple);
    expect(await world.create(simple)).toBe(arn);
    await expect(world.create(waiting)).rejects.toMatchObject({ code: 'StateMachineAlreadyExists' });
  });

  test.each([
    ['not json', '{', /^InvalidDefinition: .*INVALID_JSON_DESCRIPTION/],
    [
      'no States',
      { StartAt: 'A' },
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
    ],
    [
      'an unknown type',
      state({ Type: 'Jump' }),
      /The field 'Type' should have one of these values: \[.*\] at \/States\/A\/Type/,
    ],
    [
      'a target that is not there',
      state({ Type: 'Pass', Next: 'B' }),
      /MISSING_TRANSITION_TARGET: Missing 'Next' target: B at \/States\/A\/Next/,
    ],
    [
      'a state nobody leads to',
      { StartAt: 'A', States: { ...simple.States, B: { Type: 'Succeed' } } },
      /MISSING_TRANSITION_TARGET: State "B" is not reachable\. at \/States\/B/,
    ],
    [
      'both Next and End',
      state({ Type: 'Pass', Next: 'A', End: true }),
      /Only one of these fields is allowed: \[Next, End\] at \/States\/A/,
    ],
    ['an unknown field', state({ Type: 'Pass', Nxt: 'A', End: true }), /Field 'Nxt' is not supported at \/States\/A/],
    [
      'a field of the other language',
      state({ Type: 'Pass', Parameters: {}, End: true }),
      /'Parameters' is not supported in JSONata states at \/States\/A\/Parameters/,
    ],
    [
      'JSONata that cannot be read',
      state({ Type: 'Pass', Output: { a: ['{% $x + %}'] }, End: true }),
      /JSONata expression can't be read: S\d+ .* at \/States\/A\/Output\/a\[0\]/,
    ],
    [
      'States.ALL among others',
      state({ Type: 'Pass', End: true, Catch: [{ ErrorEquals: ['States.ALL', 'x'], Next: 'A' }] }),
      /States.ALL must appear alone at \/States\/A\/Catch\[0\]/,
    ],
    [
      'a retry out of range',
      {
        StartAt: 'A',
        States: {
          A: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: {},
            Retry: [{ ErrorEquals: ['x'], BackoffRate: 0.5 }],
            End: true,
          },
        },
      },
      /BackoffRate must be a number of at least 1 at \/States\/A\/Retry\[0\]\/BackoffRate/,
    ],
    [
      'a reserved variable',
      state({ Type: 'Pass', Assign: { states: 1 }, End: true }),
      /'states' is not a name a variable can have/,
    ],
    [
      'an assignment in a branch of what is assigned around it',
      {
        QueryLanguage: 'JSONata',
        StartAt: 'P',
        States: {
          P: {
            Type: 'Parallel',
            Assign: { x: 1 },
            Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Assign: { x: 2 }, End: true } } }],
            End: true,
          },
        },
      },
      /'x' is assigned in an outer scope .* at \/States\/P\/Branches\[0\]\/States\/I\/Assign\/x/,
    ],
    [
      'a filter in a path',
      { StartAt: 'A', States: { A: { Type: 'Pass', InputPath: '$.a[?(@.b)]', End: true } } },
      /filter expressions in paths at \/States\/A\/InputPath/,
    ],
    [
      'an unknown intrinsic function',
      { StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { 'a.$': 'States.Nope()' }, End: true } } },
      /Can't read the intrinsic function/,
    ],
  ])('refuses %s', async (_, definition, words) => {
    expect(await codeOfCreating(definition)).toMatch(words);
  });

  test.each([
    ['activities', task('arn:aws:states:us-west-2:111122223333:activity:x'), 'activity:x'],
    ['services that are not there', task('arn:aws:states:::aws-sdk:braket:createJob'), 'aws-sdk:braket:createJob'],
    ['actions that are not there', task('arn:aws:states:::aws-sdk:rds:explode'), 'aws-sdk:rds:explode'],
    ['patterns that are not there', task('arn:aws:states:::dynamodb:getItem.sync'), 'dynamodb:getItem.sync'],
    ['HTTP tasks', task('arn:aws:states:::http:invoke'), 'http:invoke'],
    ['distributed maps', state({ Type: 'Map', ItemReader: {}, ItemProcessor: inner, End: true }), 'ItemReader'],
    [
      'Credentials',
      state({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Credentials: {}, End: true }),
      'Credentials',
    ],
  ])('refuses %s by name', async (_, definition, name) => {
    const answer = await codeOfCreating(definition);
    expect(answer).toMatch(/^UnsupportedOperation: The sandbox doesn't support/);
    expect(answer).toContain(name);
  });

  test('refuses members it does not play', async () => {
    expect(await codeOfCreating(simple, { type: 'EXPRESS' })).toMatch(/EXPRESS/);
    expect(await codeOfCreating(simple, { publish: true })).toMatch(/publish/);
    expect(await codeOfCreating(simple, { loggingConfiguration: { level: 'ALL' } })).toMatch(/logging of level ALL/);
    expect(await codeOfCreating(simple, { name: 'a b' })).toMatch(/^InvalidName/);
    expect(await codeOfCreating(simple, { roleArn: 'nobody' })).toMatch(/^InvalidArn/);
  });

  test('accepts what asl-validator misreads: empty strings, several lines, literals', async () => {
    const definition = state({
      Type: 'Pass',
      Output: { empty: '', lines: '{% \n 1 +\n 1 %}', list: ['a', ['b']] },
      End: true,
    });
    expect(await codeOfCreating(definition)).toBe('accepted');
  });

  test('ValidateStateMachineDefinition says the same without creating', async () => {
    const answer = await world.states('ValidateStateMachineDefinition', {
      definition: text(state({ Type: 'Pass', Next: 'B' })),
    });
    expect(answer).toMatchObject({
      result: 'FAIL',
      diagnostics: [{ severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Next' }],
    });
    expect(await world.states('ValidateStateMachineDefinition', { definition: text(simple) })).toMatchObject({
      result: 'OK',
    });
  });
});

describe('change', () => {
  test('a running execution keeps the definition it started with', async () => {
    await world.create(waiting);
    const { executionArn } = await world.states<{ executionArn: string }>('StartExecution', { stateMachineArn: arn });
    await world.sandbox.clock.advance(1000);
    const other = { StartAt: 'X', States: { X: { Type: 'Fail', Error: 'Other' } } };
    const { revisionId } = await world.states<{ revisionId: string }>('UpdateStateMachine', {
      stateMachineArn: arn,
      definition: text(other),
    });
    const described = await world.states('DescribeStateMachineForExecution', { executionArn });
    expect(described.definition).toBe(text(waiting));
    expect(await world.states('DescribeStateMachine', { stateMachineArn: arn })).toMatchObject({
      definition: text(other),
      revisionId,
    });
    await world.sandbox.clock.advance(120_000);
    expect((await world.describe(executionArn)).status).toBe('SUCCEEDED');
    const next = await world.states<{ executionArn: string }>('StartExecution', { stateMachineArn: arn });
    await world.sandbox.clock.advance(1000);
    expect((await world.describe(next.executionArn)).error).toBe('Other');
  });

  test('an update says what it changes, and is judged like a creation', async () => {
    await world.create(simple);
    await expect(world.states('UpdateStateMachine', { stateMachineArn: arn })).rejects.toMatchObject({
      code: 'MissingRequiredParameter',
    });
    await expect(world.states('UpdateStateMachine', { stateMachineArn: arn, definition: '{}' })).rejects.toMatchObject({
      code: 'InvalidDefinition',
    });
    await expect(world.states('UpdateStateMachine', { stateMachineArn: `${arn}x`, roleArn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
  });

  test('a machine goes with the last of its executions, which are aborted at their next transition', async () => {
    await world.create(waiting);
    const { executionArn } = await world.states<{ executionArn: string }>('StartExecution', { stateMachineArn: arn });
    await world.sandbox.clock.advance(1000);
    await world.states('DeleteStateMachine', { stateMachineArn: arn });
    expect(await world.states('DescribeStateMachine', { stateMachineArn: arn })).toMatchObject({ status: 'DELETING' });
    await expect(world.states('StartExecution', { stateMachineArn: arn })).rejects.toMatchObject({
      code: 'StateMachineDeleting',
    });
    await world.sandbox.clock.advance(120_000);
    expect((await world.describe(executionArn)).status).toBe('ABORTED');
    await expect(world.states('DescribeStateMachine', { stateMachineArn: arn })).rejects.toMatchObject({
      code: 'StateMachineDoesNotExist',
    });
    expect(await world.states('DeleteStateMachine', { stateMachineArn: arn })).toEqual({});
  });
});

test('tags', async () => {
  await world.create(simple);
  await world.states('TagResource', {
    resourceArn: arn,
    tags: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ],
  });
  await world.states('UntagResource', { resourceArn: arn, tagKeys: ['a'] });
  expect(await world.states('ListTagsForResource', { resourceArn: arn })).toEqual({ tags: [{ key: 'b', value: '2' }] });
  await expect(world.states('ListTagsForResource', { resourceArn: `${arn}x` })).rejects.toMatchObject({
    code: 'ResourceNotFound',
  });
});

test('lists machines by pages', async () => {
  for (const name of ['a', 'b', 'c']) await world.create(simple, name);
  const first = await world.states<{ stateMachines: { name: string }[]; nextToken: string }>('ListStateMachines', {
    maxResults: 2,
  });
  const second = await world.states<typeof first>('ListStateMachines', { maxResults: 2, nextToken: first.nextToken });
  expect([...first.stateMachines, ...second.stateMachines].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(second.nextToken).toBeUndefined();
});

test('IAM is asked about the machine and about passing its role', async () => {
  const asked: object[] = [];
  world.sandbox.dispatcher.authorizer = (_, asks) => {
    asked.push(...asks);
  };
  const principal = {
    kind: 'user',
    account: '111122223333',
    arn: 'arn:aws:iam::111122223333:user/a',
    userName: 'a',
  } as const;
  const call = (operation: string, input: object) => world.sandbox.call('states', operation, input, region, principal);
  await call('CreateStateMachine', { name: 'machine', roleArn, definition: text(simple) });
  const { executionArn } = (await call('StartExecution', { stateMachineArn: arn, name: 'x' })) as {
    executionArn: string;
  };
  await call('DescribeExecution', { executionArn });
  expect(asked).toEqual([
    { action: 'states:CreateStateMachine', resource: arn },
    { action: 'iam:PassRole', resource: roleArn, context: { 'iam:PassedToService': 'states.amazonaws.com' } },
    { action: 'states:StartExecution', resource: arn },
    { action: 'states:DescribeExecution', resource: `arn:aws:states:${region}:111122223333:execution:machine:x` },
  ]);
});
