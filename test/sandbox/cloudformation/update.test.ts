import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shaped } from '../../../src/sandbox/cloudformation/shape.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

beforeAll(() => shaped('ssm', 'PutParameter', {}));

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

async function create(body: string, others: object = {}): Promise<void> {
  await on.call('CreateStack', { StackName: 'app', TemplateBody: body, ...others });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  on.calls.length = 0;
}

async function update(body: string, others: object = {}): Promise<string> {
  await on.call('UpdateStack', { StackName: 'app', TemplateBody: body, ...others });
  return on.rest('app');
}

const operations = () => on.calls.map(({ operation, input }) => `${operation} ${String(input.Name)}`);
const physicalId = async (LogicalResourceId: string) => {
  const { StackResourceDetail } = await on.call<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'app', LogicalResourceId },
  );
  return StackResourceDetail.PhysicalResourceId;
};

describe('updating by the difference between templates', () => {
  it('touches only what the templates differ in, whatever became of the rest', async () => {
    await create(template({ A: parameter({ Name: '/a', Value: '1' }), B: parameter({ Name: '/b', Value: '1' }) }));
    on.parameters.set('/a', 'changed by hand');
    expect(
      await update(template({ A: parameter({ Name: '/a', Value: '1' }), B: parameter({ Name: '/b', Value: '2' }) })),
    ).toBe('UPDATE_COMPLETE');
    expect(operations()).toEqual(['PutParameter /b']);
    expect(on.parameters.get('/a')).toBe('changed by hand');
    expect(await on.statusesOf('app')).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_COMPLETE',
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
  });

  it('adds, updates and removes; removes last', async () => {
    await create(template({ A: parameter({ Name: '/a', Value: '1' }), B: parameter({ Name: '/b', Value: '1' }) }));
    await update(
      template({ A: parameter({ Name: '/a', Value: '2' }), C: parameter({ Name: '/c', Value: { Ref: 'A' } }) }),
    );
    expect(operations()).toEqual(['PutParameter /a', 'PutParameter /c', 'DeleteParameter /b']);
    const { StackResourceSummaries } = await on.call<{ StackResourceSummaries: { LogicalResourceId: string }[] }>(
      'ListStackResources',
      { StackName: 'app' },
    );
    expect(StackResourceSummaries.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['A', 'C']);
  });

  it('replaces by creating, moving dependents over, and deleting afterwards', async () => {
    const body = (name: string, value: string) =>
      template({ A: parameter({ Name: name, Value: value }), User: parameter({ Name: '/user', Value: { Ref: 'A' } }) });
    await create(body('/one', '1'));
    expect(await update(body('/two', '1'))).toBe('UPDATE_COMPLETE');
    expect(operations()).toEqual(['PutParameter /two', 'PutParameter /user', 'DeleteParameter /one']);
    expect(on.parameters.get('/user')).toBe('/two');
    expect(await physicalId('A')).toBe('/two');
  });

  it('keeps what a replacement leaves over when UpdateReplacePolicy says so', async () => {
    const body = (name: string) =>
      template({ A: parameter({ Name: name, Value: '1' }, { UpdateReplacePolicy: 'Retain' }) });
    await create(body('/one'));
    await update(body('/two'));
    expect([...on.parameters.keys()]).toEqual(['/one', '/two']);
    expect(await on.statusesOf('app', 'A')).toContain('DELETE_SKIPPED');
  });

  it('refuses to replace under the same name', async () => {
    const body = (LogGroupClass: string) =>
      template({ A: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/a', LogGroupClass } } });
    await create(body('STANDARD'));
    expect(await update(body('INFREQUENT_ACCESS'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    const { StackEvents } = await on.call<{ StackEvents: Record<string, string>[] }>('DescribeStackEvents', {
      StackName: 'app',
    });
    expect(StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED')?.ResourceStatusReason).toBe(
      'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename /a and update the stack again.',
    );
    expect(operations()).toEqual([]);
  });

  it('says there is nothing to do in the words deployers wait for', async () => {
    const body = template({ A: parameter({ Name: '/a', Value: '1' }) });
    await create(body);
    await expect(update(body)).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'No updates are to be performed.',
    });
  });

  it('sends changed stack tags to what carries tags', async () => {
    const body = template({ A: parameter({ Name: '/a', Value: '1' }) });
    await create(body, { Tags: [{ Key: 'team', Value: 'x' }] });
    expect(await update(body, { Tags: [{ Key: 'team', Value: 'y' }] })).toBe('UPDATE_COMPLETE');
    expect(on.calls.find(({ operation }) => operation === 'AddTagsToResource')?.input).toMatchObject({
      Tags: [{ Key: 'team', Value: 'y' }],
    });
  });

  it('refuses to change the type of a logical id', async () => {
    await create(template({ A: parameter({ Name: '/a', Value: '1' }) }));
    await expect(update(template({ A: { Type: 'AWS::SQS::Queue' } }))).rejects.toThrow(
      'modifies resource type of the following resources: [A]',
    );
  });
});

describe('going back', () => {
  const refuseValue = (value: string) => {
    on.refuse = (operation, { Value }) =>
      operation === 'PutParameter' && Value === value ? new AwsError('TooManyUpdates', 'no') : undefined;
  };

  it('restores what was changed, replaced, added and removed', async () => {
    await create(
      template({
        Changed: parameter({ Name: '/changed', Value: '1' }),
        Replaced: parameter({ Name: '/replaced', Value: '1' }),
        User: parameter({ Name: '/user', Value: { Ref: 'Replaced' } }),
        Removed: parameter({ Name: '/removed', Value: '1' }),
      }),
    );
    const before = new Map(on.parameters);
    refuseValue('bad');
    expect(
      await update(
        template({
          Changed: parameter({ Name: '/changed', Value: '2' }),
          Replaced: parameter({ Name: '/replaced2', Value: '1' }),
          User: parameter({ Name: '/user', Value: { Ref: 'Replaced' } }),
          Added: parameter({ Name: '/added', Value: '1' }),
          Bad: parameter({ Name: '/bad', Value: 'bad' }, { DependsOn: ['Added', 'User', 'Changed'] }),
        }),
      ),
    ).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(on.parameters).toEqual(before);
    expect(await physicalId('Replaced')).toBe('/replaced');
    expect(await on.statusesOf('app')).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_COMPLETE',
      'UPDATE_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    on.refuse = () => undefined;
    expect(await update(template({ Changed: parameter({ Name: '/changed', Value: '3' }) }))).toBe('UPDATE_COMPLETE');
    expect([...on.parameters]).toEqual([['/changed', '3']]);
  });

  it('stops where it cannot go back, and goes on when told to', async () => {
    await create(template({ A: parameter({ Name: '/a', Value: '1' }), B: parameter({ Name: '/b', Value: '1' }) }));
    on.refuse = (operation, { Name, Value }) =>
      operation === 'PutParameter' && (Value === 'bad' || (Name === '/a' && Value === '1'))
        ? new AwsError('InternalServerError', 'no')
        : undefined;
    expect(
      await update(
        template({
          A: parameter({ Name: '/a', Value: '2' }),
          B: parameter({ Name: '/b', Value: 'bad' }, { DependsOn: 'A' }),
        }),
      ),
    ).toBe('UPDATE_ROLLBACK_FAILED');
    await on.call('ContinueUpdateRollback', { StackName: 'app', ResourcesToSkip: ['A'] });
    expect(await on.rest('app')).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(Object.fromEntries(on.parameters)).toEqual({ '/a': '2', '/b': '1' });
  });

  it('leaves a failed update as it is when rollback is disabled', async () => {
    await create(template({ A: parameter({ Name: '/a', Value: '1' }) }));
    refuseValue('bad');
    const body = template({
      A: parameter({ Name: '/a', Value: '2' }),
      B: parameter({ Name: '/b', Value: 'bad' }, { DependsOn: 'A' }),
    });
    expect(await update(body, { DisableRollback: true })).toBe('UPDATE_FAILED');
    expect(on.parameters.get('/a')).toBe('2');
    on.refuse = () => undefined;
    expect(await update(body)).toBe('UPDATE_COMPLETE');
    expect(on.parameters.get('/b')).toBe('bad');
  });
});

describe('stack policies', () => {
  const policy = (...denied: string[]) =>
    JSON.stringify({
      Statement: [
        { Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' },
        { Effect: 'Deny', Action: denied, Principal: '*', Resource: 'LogicalResourceId/Db*' },
      ],
    });
  const body = (name: string, value: string) =>
    template({ DbMain: parameter({ Name: name, Value: value }), Other: parameter({ Name: '/other', Value: value }) });

  it('denies replacement and deletion by logical id, and allows the rest', async () => {
    await create(body('/db', '1'));
    await on.call('SetStackPolicy', { StackName: 'app', StackPolicyBody: policy('Update:Replace', 'Update:Delete') });
    expect(await update(body('/db', '2'))).toBe('UPDATE_COMPLETE');
    expect(await update(body('/db2', '2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(await update(template({ Other: parameter({ Name: '/other', Value: '2' }) }))).toBe(
      'UPDATE_ROLLBACK_COMPLETE',
    );
    expect([...on.parameters.keys()].sort()).toEqual(['/db', '/other']);
    const { StackEvents } = await on.call<{ StackEvents: Record<string, string>[] }>('DescribeStackEvents', {
      StackName: 'app',
    });
    const reasons = StackEvents.filter(({ ResourceStatus }) => ResourceStatus === 'UPDATE_FAILED').map(
      (event) => event.ResourceStatusReason,
    );
    expect(reasons).toEqual([
      'Action denied by stack policy: Statement [#2] does not allow [Update:Delete] for resource [LogicalResourceId/DbMain]',
      'Action denied by stack policy: Statement [#2] does not allow [Update:Replace] for resource [LogicalResourceId/DbMain]',
    ]);
  });

  it('lets a temporary policy through, once', async () => {
    await create(body('/db', '1'), { StackPolicyBody: policy('Update:*') });
    expect(await update(body('/db', '2'))).toBe('UPDATE_ROLLBACK_COMPLETE');
    const open = JSON.stringify({
      Statement: [{ Effect: 'Allow', Action: 'Update:*', Principal: '*', Resource: '*' }],
    });
    expect(await update(body('/db', '2'), { StackPolicyDuringUpdateBody: open })).toBe('UPDATE_COMPLETE');
    expect(await on.call('GetStackPolicy', { StackName: 'app' })).toEqual({ StackPolicyBody: policy('Update:*') });
  });

  it('refuses a text that is no policy', async () => {
    await create(body('/db', '1'));
    await expect(on.call('SetStackPolicy', { StackName: 'app', StackPolicyBody: '{}' })).rejects.toThrow(
      'stack policy',
    );
  });
});
