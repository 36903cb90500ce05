import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shaped } from '../../../src/sandbox/cloudformation/shape.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

// Loading a client's schemas takes real time, in which a virtual clock would run away.
beforeAll(() => shaped('ssm', 'PutParameter', {}));

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

const put = (name: string) =>
  on.calls.findIndex(({ operation, input }) => operation === 'PutParameter' && input.Name === name);

describe('creating a stack', () => {
  it('creates what others need first, independent resources together, and answers outputs', async () => {
    on.slow = () => 100;
    const began = on.sandbox.clock.now();
    await on.call('CreateStack', {
      StackName: 'app',
      TemplateBody: template(
        {
          Third: parameter({ Name: '/third', Value: { 'Fn::Sub': '${First}+${Second.Value}' } }),
          First: parameter({ Name: '/first', Value: 'a' }),
          Second: parameter({ Name: '/second', Value: 'b' }),
        },
        { Outputs: { All: { Value: { 'Fn::GetAtt': ['Third', 'Value'] }, Export: { Name: 'app-all' } } } },
      ),
    });
    expect(await on.rest('app')).toBe('CREATE_COMPLETE');
    expect(on.parameters.get('/third')).toBe('/first+b');
    expect(put('/third')).toBeGreaterThan(Math.max(put('/first'), put('/second')));
    expect((on.sandbox.clock.now() - began) / 1000).toBeLessThan(210);
    const { Stacks } = await on.call<{ Stacks: { Outputs: object[] }[] }>('DescribeStacks', { StackName: 'app' });
    expect(Stacks[0]?.Outputs).toEqual([{ OutputKey: 'All', OutputValue: '/first+b', ExportName: 'app-all' }]);
    expect(await on.statusesOf('app')).toEqual(['CREATE_IN_PROGRESS', 'CREATE_COMPLETE']);
    expect(await on.statusesOf('app', 'First')).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_IN_PROGRESS',
      'CREATE_COMPLETE',
    ]);
  });

  it('rolls back what it made, keeps what is to be retained, and says which resource failed and why', async () => {
    on.refuse = (operation, { Name }) =>
      operation === 'PutParameter' && Name === '/bad' ? new AwsError('AccessDeniedException', 'not yours') : undefined;
    await on.call('CreateStack', {
      StackName: 'app',
      TemplateBody: template({
        Good: parameter({ Name: '/good', Value: 'a' }),
        Kept: parameter({ Name: '/kept', Value: 'a' }, { DeletionPolicy: 'Retain' }),
        New: parameter({ Name: '/new', Value: 'a' }, { DeletionPolicy: 'RetainExceptOnCreate' }),
        Bad: parameter({ Name: '/bad', Value: 'a' }, { DependsOn: ['Good', 'Kept', 'New'] }),
        Never: parameter({ Name: '/never', Value: { Ref: 'Bad' } }),
      }),
    });
    expect(await on.rest('app')).toBe('ROLLBACK_COMPLETE');
    expect([...on.parameters.keys()]).toEqual(['/kept']);
    const { StackEvents } = await on.call<{ StackEvents: Record<string, string>[] }>('DescribeStackEvents', {
      StackName: 'app',
    });
    const failed = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
    expect(failed).toMatchObject({ LogicalResourceId: 'Bad' });
    expect(failed?.ResourceStatusReason).toMatch(/not yours.*AccessDenied/);
    expect(
      StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'ROLLBACK_IN_PROGRESS')?.ResourceStatusReason,
    ).toMatch('The following resource(s) failed to create: [Bad]');
    expect(await on.statusesOf('app', 'Kept')).toContain('DELETE_SKIPPED');
    await expect(on.call('UpdateStack', { StackName: 'app', TemplateBody: template({}) })).rejects.toThrow(
      'is in ROLLBACK_COMPLETE state and can not be updated',
    );
  });

  it('leaves what it made when rollback is disabled, and can go on from there', async () => {
    on.refuse = (operation, { Name }) =>
      operation === 'PutParameter' && Name === '/bad' ? new AwsError('AccessDeniedException', 'not yours') : undefined;
    const body = template({
      Good: parameter({ Name: '/good', Value: 'a' }),
      Bad: parameter({ Name: '/bad', Value: { Ref: 'Good' } }),
    });
    await on.call('CreateStack', { StackName: 'app', TemplateBody: body, DisableRollback: true });
    expect(await on.rest('app')).toBe('CREATE_FAILED');
    expect([...on.parameters.keys()]).toEqual(['/good']);
    on.refuse = () => undefined;
    await on.call('UpdateStack', { StackName: 'app', TemplateBody: body });
    expect(await on.rest('app')).toBe('UPDATE_COMPLETE');
    expect([...on.parameters.keys()]).toEqual(['/good', '/bad']);
  });

  it('acts as the role it is given, and refuses one it cannot assume', async () => {
    const body = template({ Only: parameter({ Name: '/only', Value: 'a' }) });
    await on.call('CreateStack', {
      StackName: 'app',
      TemplateBody: body,
      RoleARN: 'arn:aws:iam::111122223333:role/exec',
    });
    await on.rest('app');
    expect(on.calls.find(({ operation }) => operation === 'PutParameter')?.principal).toMatchObject({
      kind: 'role',
      roleName: 'exec',
    });
    expect(on.calls.find(({ operation }) => operation === 'AssumeRole')?.principal).toMatchObject({
      service: 'cloudformation',
    });
    await expect(
      on.call('CreateStack', { StackName: 'b', TemplateBody: body, RoleARN: 'arn:aws:iam::111122223333:role/missing' }),
    ).rejects.toThrow('Role arn:aws:iam::111122223333:role/missing is invalid or cannot be assumed');
    await expect(on.call('DescribeStacks', { StackName: 'b' })).rejects.toThrow('Stack with id b does not exist');
  });

  it('stands still while its Region is dark', async () => {
    await on.call('CreateStack', {
      StackName: 'app',
      TemplateBody: template({
        A: parameter({ Name: '/a', Value: 'a' }),
        B: parameter({ Name: '/b', Value: { Ref: 'A' } }),
      }),
    });
    on.sandbox.setDark('us-east-1', true);
    await on.sandbox.clock.advance(600_000);
    expect([...on.parameters.keys()]).not.toContain('/b');
    on.sandbox.setDark('us-east-1', false);
    expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  });

  it('reads templates from S3 by both kinds of URL', async () => {
    on.parameters.set('s3://assets/t.json', template({ A: parameter({ Name: '/a', Value: 'a' }) }));
    await on.call('CreateStack', { StackName: 'one', TemplateURL: 'https://assets.s3.us-east-1.amazonaws.com/t.json' });
    expect(await on.rest('one')).toBe('CREATE_COMPLETE');
    await on.call('DeleteStack', { StackName: 'one' });
    await on.sandbox.clock.advance(1000);
    await on.call('CreateStack', { StackName: 'two', TemplateURL: 'https://s3.us-east-1.amazonaws.com/assets/t.json' });
    expect(await on.rest('two')).toBe('CREATE_COMPLETE');
    await expect(on.call('CreateStack', { StackName: 'x', TemplateURL: 'http://example.com/t' })).rejects.toThrow(
      'supported URL',
    );
  });
});

describe('what is refused before anything happens', () => {
  const refused: [string, object, RegExp][] = [
    ['an unknown type', { A: { Type: 'AWS::Nothing::Here' } }, /Unrecognized resource types: \[AWS::Nothing::Here\]/],
    [
      'an unknown property',
      { A: parameter({ Value: 'a', Colour: 'red' }) },
      /AWS::SSM::Parameter doesn't support the property Colour.*Resources\/A/,
    ],
    [
      'a missing property',
      { A: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String' } } },
      /required key \[Value\] not found/,
    ],
    ['an unresolved reference', { A: parameter({ Value: { Ref: 'B' } }) }, /Unresolved resource dependencies \[B\]/],
    [
      'an unknown attribute',
      { A: parameter({ Value: 'a' }), B: parameter({ Value: { 'Fn::GetAtt': ['A', 'Nope'] } }) },
      /resource A does not support attribute type Nope/,
    ],
    [
      'a circle',
      {
        A: parameter({ Value: { Ref: 'B' } }),
        B: parameter({ Value: { Ref: 'A' } }),
        C: parameter({ Value: { Ref: 'A' } }),
      },
      /Circular dependency between resources: \[A, B\]/,
    ],
    [
      'a policy the type has not',
      { A: parameter({ Value: 'a' }, { DeletionPolicy: 'Snapshot' }) },
      /does not support deletion policy Snapshot/,
    ],
    [
      'an attribute of resources we have not',
      { A: parameter({ Value: 'a' }, { CreationPolicy: {} }) },
      /unsupported resource attribute: CreationPolicy/,
    ],
  ];
  it.each(refused)('%s', async (_, resources, message) => {
    await expect(
      on.call('CreateStack', { StackName: 'app', TemplateBody: template(resources as Record<string, object>) }),
    ).rejects.toThrow(message);
    expect(on.calls).toEqual([]);
  });

  it('IAM resources without the capability', async () => {
    const role = (properties: object) =>
      template({ R: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, ...properties } } });
    await expect(on.call('CreateStack', { StackName: 'a', TemplateBody: role({}) })).rejects.toMatchObject({
      code: 'InsufficientCapabilitiesException',
      message: 'Requires capabilities : [CAPABILITY_IAM]',
    });
    await expect(
      on.call('CreateStack', {
        StackName: 'a',
        TemplateBody: role({ RoleName: 'x' }),
        Capabilities: ['CAPABILITY_IAM'],
      }),
    ).rejects.toThrow('Requires capabilities : [CAPABILITY_NAMED_IAM]');
  });

  it('members that would change behaviour and are not supported', async () => {
    const body = template({ A: parameter({ Value: 'a' }) });
    await expect(
      on.call('CreateStack', { StackName: 'a', TemplateBody: body, NotificationARNs: ['arn:x'] }),
    ).rejects.toThrow("doesn't support NotificationARNs");
    await expect(
      on.call('CreateChangeSet', { StackName: 'a', ChangeSetName: 'c', TemplateBody: body, ChangeSetType: 'IMPORT' }),
    ).rejects.toThrow("doesn't support change sets of type IMPORT");
  });
});
