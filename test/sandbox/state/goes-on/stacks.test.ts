/** Stacks in the middle of an operation when the sandbox is killed: every resource is made once, and every function asked once. */

import { expect, test } from 'vitest';
import { pass } from '../../../support/story.ts';
import { expectSameEnd } from './expect-same-end.ts';
import { makeFunction, makeRole, minutes, seconds, type WholeWorld, wholeWorld } from './whole-world.ts';

interface Asked {
  readonly RequestType: string;
  readonly RequestId: string;
  readonly ResponseURL: string;
  readonly LogicalResourceId: string;
  readonly ResourceProperties: { readonly Fails?: string; readonly Value?: string };
}

/** Does what custom resources ask for, as a function that answers to their URL. */
async function answer(event: unknown): Promise<void> {
  const { RequestType, ResponseURL, LogicalResourceId, ResourceProperties } = event as Asked;
  const fails = RequestType !== 'Delete' && ResourceProperties.Fails === RequestType;
  const response = await fetch(ResponseURL, {
    method: 'PUT',
    body: JSON.stringify({
      Status: fails ? 'FAILED' : 'SUCCESS',
      Reason: 'told to',
      PhysicalResourceId: LogicalResourceId,
      Data: { Value: ResourceProperties.Value ?? '' },
    }),
  });
  // Told so before: the function runs again when its own end wasn't kept.
  if (!response.ok && response.status !== 403) throw new Error(`It answers ${response.status}.`);
}

const step = 2 * seconds;
const custom = (properties: object, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: { ServiceToken: { Ref: 'Token' }, ...properties },
  ...more,
});
const parameter = (Name: string, Value: unknown, more: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Type: 'String', Value },
  ...more,
});
const templateOf = (resources: object) => ({
  TemplateBody: JSON.stringify({ Parameters: { Token: { Type: 'String' } }, Resources: resources }),
});
const first = {
  Queue: { Type: 'AWS::SQS::Queue' },
  Table: {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    },
  },
  Thing: custom({ Value: 'one' }, { DependsOn: 'Queue' }),
  Copy: parameter('/copy', { 'Fn::GetAtt': ['Thing', 'Value'] }),
  Named: parameter('/named', 'one'),
};
const second = {
  ...first,
  Thing: custom({ Value: 'two' }, { DependsOn: 'Queue' }),
  // Its name changes: it is replaced.
  Named: parameter('/renamed', 'two', { DependsOn: 'Copy' }),
  More: { Type: 'AWS::SNS::Topic' },
};

const begin = async (world: WholeWorld): Promise<object> => {
  await makeRole(world);
  const ParameterValue = await makeFunction(world, 'maker');
  return { StackName: 'app', Parameters: [{ ParameterKey: 'Token', ParameterValue }] };
};

const whatIsThere = async (world: WholeWorld) => {
  const { call, outside } = world;
  type Stacks = { StackSummaries: { StackName: string; StackStatus: string }[] };
  const { StackSummaries } = await call<Stacks>('cloudformation', 'ListStacks');
  const list = async (service: string, operation: string): Promise<number> => {
    const listed = Object.values(await call<Record<string, unknown>>(service, operation)).find(Array.isArray);
    return listed?.length ?? 0;
  };
  type Parameters = { Parameters: { Name: string; Value: string }[] };
  const { Parameters } = await call<Parameters>('ssm', 'GetParametersByPath', { Path: '/' });
  const requests = new Set(
    (outside.told as Asked[]).map((one) => `${one.RequestType} ${one.LogicalResourceId}\n${one.RequestId}`),
  );
  return {
    stacks: StackSummaries.map(({ StackStatus }) => StackStatus),
    queues: await list('sqs', 'ListQueues'),
    tables: await list('dynamodb', 'ListTables'),
    topics: await list('sns', 'ListTopics'),
    parameters: Parameters.map(({ Name, Value }) => `${Name} ${Value}`).sort(),
    asked: [...requests].map((request) => request.replace(/\n.*/, '')).sort(),
  };
};

type Begin = (world: WholeWorld) => Promise<unknown>;
const stories: [string, begin: Begin, expected: Partial<Awaited<ReturnType<typeof whatIsThere>>>][] = [
  [
    'is created',
    async (world) => world.call('cloudformation', 'CreateStack', { ...(await begin(world)), ...templateOf(first) }),
    {
      stacks: ['CREATE_COMPLETE'],
      queues: 1,
      tables: 1,
      parameters: ['/copy one', '/named one'],
      asked: ['Create Thing'],
    },
  ],
  [
    'can not be created, and is rolled back',
    async (world) => {
      const Last = custom({ Fails: 'Create' }, { DependsOn: ['Copy', 'Named', 'Table'] });
      return world.call('cloudformation', 'CreateStack', {
        ...(await begin(world)),
        ...templateOf({ ...first, Last }),
      });
    },
    {
      stacks: ['ROLLBACK_COMPLETE'],
      queues: 0,
      tables: 0,
      parameters: [],
      asked: ['Create Last', 'Create Thing', 'Delete Thing'],
    },
  ],
  [
    'is updated',
    async (world) => {
      const common = await created(world);
      return world.call('cloudformation', 'UpdateStack', { ...common, ...templateOf(second) });
    },
    {
      stacks: ['UPDATE_COMPLETE'],
      topics: 1,
      parameters: ['/copy two', '/renamed two'],
      asked: ['Create Thing', 'Update Thing'],
    },
  ],
  [
    'can not be updated, and is rolled back',
    async (world) => {
      const common = await created(world);
      const Last = custom({ Fails: 'Create' }, { DependsOn: ['Named', 'More'] });
      return world.call('cloudformation', 'UpdateStack', { ...common, ...templateOf({ ...second, Last }) });
    },
    { stacks: ['UPDATE_ROLLBACK_COMPLETE'], topics: 0, queues: 1, parameters: ['/copy one', '/named one'] },
  ],
  [
    'is deleted',
    async (world) => {
      await created(world);
      return world.call('cloudformation', 'DeleteStack', { StackName: 'app' });
    },
    { stacks: ['DELETE_COMPLETE'], queues: 0, tables: 0, parameters: [], asked: ['Create Thing', 'Delete Thing'] },
  ],
  [
    'is created by a change set',
    async (world) => {
      const ChangeSetName = 'first';
      const common = { ...(await begin(world)), ChangeSetName, ChangeSetType: 'CREATE', ...templateOf(first) };
      await world.call('cloudformation', 'CreateChangeSet', common);
      await pass(world, { lasts: minutes, step });
      return world.call('cloudformation', 'ExecuteChangeSet', { StackName: 'app', ChangeSetName });
    },
    { stacks: ['CREATE_COMPLETE'], queues: 1, asked: ['Create Thing'] },
  ],
];

async function created(world: WholeWorld): Promise<object> {
  const common = await begin(world);
  await world.call('cloudformation', 'CreateStack', { ...common, ...templateOf(first) });
  await pass(world, { lasts: 5 * minutes, step });
  return common;
}

test.each(stories)(
  'a stack %s',
  async (_, begun, expected) => {
    const found = await expectSameEnd({
      world: wholeWorld({ handler: answer }),
      begin: begun,
      lasts: 8 * minutes,
      step,
      end: whatIsThere,
    });
    expect(found).toMatchObject(expected);
  },
  120_000,
);
