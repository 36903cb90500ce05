import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bench } from '../../cloudformation/fakes.ts';
import { bench, parameter, template } from '../../cloudformation/fakes.ts';

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

interface Described {
  Status: string;
  StatusReason?: string;
  ExecutionStatus: string;
  Changes: { ResourceChange: Record<string, unknown> }[];
}

async function plan(body: string, type: 'CREATE' | 'UPDATE', others: object = {}): Promise<Described> {
  await on.call('CreateChangeSet', {
    StackName: 'app',
    ChangeSetName: 'deploy',
    ChangeSetType: type,
    TemplateBody: body,
    ...others,
  });
  return on.call<Described>('DescribeChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
}

async function deploy(body: string, type: 'CREATE' | 'UPDATE', others: object = {}): Promise<string> {
  await plan(body, type, others);
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  return on.rest('app');
}

const changes = ({ Changes }: Described) =>
  Changes.map(({ ResourceChange: { Action, LogicalResourceId, Replacement, PolicyAction } }) =>
    [Action, LogicalResourceId, Replacement, PolicyAction].filter((part) => typeof part === 'string').join(' '),
  );

it('creates a stack through a review', async () => {
  const body = template({ A: parameter({ Name: '/a', Value: '1' }) });
  expect(changes(await plan(body, 'CREATE'))).toEqual(['Add A']);
  const reviewed = await on.call<{ Stacks: { StackStatus: string }[] }>('DescribeStacks', { StackName: 'app' });
  expect(reviewed.Stacks[0]?.StackStatus).toBe('REVIEW_IN_PROGRESS');
  expect(on.parameters.size).toBe(0);
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  expect(on.parameters.get('/a')).toBe('1');
});

it('says what will be added, changed, replaced and removed, and then does just that', async () => {
  await deploy(
    template({
      Same: parameter({ Name: '/same', Value: '1' }),
      Changed: parameter({ Name: '/changed', Value: '1' }),
      Replaced: parameter({ Name: '/replaced', Value: '1' }, { UpdateReplacePolicy: 'Retain' }),
      User: parameter({ Name: '/user', Value: { Ref: 'Replaced' } }),
      Moved: parameter({ Name: { 'Fn::Sub': '/moved/${Replaced}' }, Value: '1' }),
      Gone: parameter({ Name: '/gone', Value: '1' }),
    }),
    'CREATE',
  );
  const described = await plan(
    template({
      Same: parameter({ Name: '/same', Value: '1' }),
      Changed: parameter({ Name: '/changed', Value: '2' }),
      Replaced: parameter({ Name: '/replaced2', Value: '1' }, { UpdateReplacePolicy: 'Retain' }),
      User: parameter({ Name: '/user', Value: { Ref: 'Replaced' } }),
      Moved: parameter({ Name: { 'Fn::Sub': '/moved/${Replaced}' }, Value: '1' }),
      New: parameter({ Name: '/new', Value: '1' }),
    }),
    'UPDATE',
  );
  expect(changes(described)).toEqual([
    'Modify Changed False',
    'Modify Replaced True ReplaceAndRetain',
    'Modify User False',
    'Modify Moved Conditional ReplaceAndDelete',
    'Add New',
    'Remove Gone Delete',
  ]);
  expect(described.Changes[0]?.ResourceChange.Details).toMatchObject([
    { Target: { Attribute: 'Properties', Name: 'Value', RequiresRecreation: 'Never' }, Evaluation: 'Static' },
  ]);
  on.calls.length = 0;
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  expect(await on.rest('app')).toBe('UPDATE_COMPLETE');
  expect([...on.parameters.keys()].sort()).toEqual([
    '/changed',
    '/moved//replaced2',
    '/new',
    '/replaced',
    '/replaced2',
    '/same',
    '/user',
  ]);
});

it('fails when there is nothing to change, in the words deployers wait for', async () => {
  const body = template({ A: parameter({ Name: '/a', Value: '1' }) });
  await deploy(body, 'CREATE');
  const described = await plan(body, 'UPDATE');
  expect(described).toMatchObject({
    Status: 'FAILED',
    ExecutionStatus: 'UNAVAILABLE',
    StatusReason:
      "The submitted information didn't contain changes. Submit different information to create a change set.",
  });
  await expect(on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' })).rejects.toMatchObject({
    code: 'InvalidChangeSetStatus',
  });
});

it('counts outputs and metadata as changes', async () => {
  const body = (metadata: string, output: string) =>
    template(
      { A: parameter({ Name: '/a', Value: '1' }, { Metadata: { path: metadata } }) },
      { Outputs: { O: { Value: output } } },
    );
  await deploy(body('x', '1'), 'CREATE');
  expect(changes(await plan(body('y', '1'), 'UPDATE'))).toEqual(['Modify A False']);
  await on.call('DeleteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  expect(await plan(body('x', '2'), 'UPDATE')).toMatchObject({ Status: 'CREATE_COMPLETE', Changes: [] });
  on.calls.length = 0;
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  expect(await on.rest('app')).toBe('UPDATE_COMPLETE');
  expect(on.calls).toEqual([]);
});

it('reads SSM parameters when it is created, as the caller or the role, and checks the rules on them', async () => {
  const body = template(
    { A: parameter({ Name: '/a', Value: { Ref: 'Version' } }) },
    {
      Parameters: {
        Version: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2'], { Ref: 'Version' }] }] },
              AssertDescription: "CDK bootstrap stack version 6 required. Please run 'cdk bootstrap'.",
            },
          ],
        },
      },
    },
  );
  await expect(plan(body, 'CREATE')).rejects.toThrow('Unable to fetch parameters [/cdk-bootstrap/hnb659fds/version]');
  on.parameters.set('/cdk-bootstrap/hnb659fds/version', '2');
  await expect(plan(body, 'CREATE')).rejects.toThrow(/Rule CheckBootstrapVersion failed: .*version 6 required/);
  on.parameters.set('/cdk-bootstrap/hnb659fds/version', '30');
  await plan(body, 'CREATE', { RoleARN: 'arn:aws:iam::111122223333:role/exec' });
  on.parameters.set('/cdk-bootstrap/hnb659fds/version', '31');
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'deploy' });
  await on.rest('app');
  expect(on.parameters.get('/a')).toBe('30');
  const readers = on.calls.filter(({ operation }) => operation === 'GetParameters').map(({ principal }) => principal);
  expect(readers[0]).toMatchObject({ service: 'test' });
  expect(readers.at(-1)).toMatchObject({ roleName: 'exec' });
  expect(on.calls.find(({ operation }) => operation === 'PutParameter')?.principal).toMatchObject({ roleName: 'exec' });
});

it('answers as clients expect when there is no stack, no change set, or one too many', async () => {
  const body = template({ A: parameter({ Name: '/a', Value: '1' }) });
  await expect(plan(body, 'UPDATE')).rejects.toThrow('Stack [app] does not exist');
  await deploy(body, 'CREATE');
  await expect(plan(body, 'CREATE')).rejects.toThrow('Stack [app] already exists');
  await expect(on.call('DescribeChangeSet', { StackName: 'app', ChangeSetName: 'nope' })).rejects.toMatchObject({
    code: 'ChangeSetNotFound',
  });
  expect(await on.call('DeleteChangeSet', { StackName: 'app', ChangeSetName: 'nope' })).toEqual({});
  await plan(template({ A: parameter({ Name: '/a', Value: '2' }) }), 'UPDATE');
  await expect(plan(body, 'UPDATE')).rejects.toMatchObject({ code: 'AlreadyExistsException' });
});
