import { afterEach, beforeEach, expect, it } from 'vitest';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

async function create(StackName: string, body: string, others: object = {}): Promise<string> {
  const { StackId } = await on.call<{ StackId: string }>('CreateStack', { StackName, TemplateBody: body, ...others });
  expect(await on.rest(StackName)).toBe('CREATE_COMPLETE');
  on.calls.length = 0;
  return StackId;
}

it('deletes dependents first, keeps what is retained, and stays findable by its id', async () => {
  const id = await create(
    'app',
    template({
      Base: parameter({ Name: '/base', Value: '1' }),
      User: parameter({ Name: '/user', Value: { Ref: 'Base' } }),
      Kept: parameter({ Name: '/kept', Value: '1' }, { DeletionPolicy: 'Retain' }),
    }),
  );
  on.parameters.delete('/user');
  await on.call('DeleteStack', { StackName: 'app' });
  expect(await on.rest(id)).toBe('DELETE_COMPLETE');
  expect(on.calls.map(({ input }) => input.Name)).toEqual(['/user', '/base']);
  expect([...on.parameters.keys()]).toEqual(['/kept']);
  await expect(on.call('DescribeStacks', { StackName: 'app' })).rejects.toThrow('Stack with id app does not exist');
  expect(await on.call('DeleteStack', { StackName: 'app' })).toEqual({});
});

it('is refused while termination protection is on', async () => {
  await create('app', template({ A: parameter({ Name: '/a', Value: '1' }) }), { EnableTerminationProtection: true });
  await expect(on.call('DeleteStack', { StackName: 'app' })).rejects.toThrow('TerminationProtection is enabled');
  await on.call('UpdateTerminationProtection', { StackName: 'app', EnableTerminationProtection: false });
  await on.call('DeleteStack', { StackName: 'app' });
  await on.sandbox.clock.advance(1000);
  expect([...on.parameters.keys()]).toEqual([]);
});

it('fails on what it cannot delete, and then may leave it behind', async () => {
  const id = await create(
    'app',
    template({ A: parameter({ Name: '/a', Value: '1' }), B: parameter({ Name: '/b', Value: '1' }) }),
  );
  on.refuse = (operation, { Name }) =>
    operation === 'DeleteParameter' && Name === '/a' ? new AwsError('AccessDeniedException', 'no') : undefined;
  await expect(on.call('DeleteStack', { StackName: 'app', RetainResources: ['A'] })).rejects.toThrow(
    'DELETE_FAILED state',
  );
  await on.call('DeleteStack', { StackName: 'app' });
  expect(await on.rest('app')).toBe('DELETE_FAILED');
  expect([...on.parameters.keys()]).toEqual(['/a']);
  await on.call('DeleteStack', { StackName: 'app', RetainResources: ['A'] });
  expect(await on.rest(id)).toBe('DELETE_COMPLETE');
});

it('protects exports in use, from deletion and from change', async () => {
  const exporting = (value: string) =>
    template(
      { A: parameter({ Name: '/a', Value: '1' }) },
      { Outputs: { O: { Value: value, Export: { Name: 'shared' } } } },
    );
  await create('base', exporting('x'));
  await create('user', template({ B: parameter({ Name: '/b', Value: { 'Fn::ImportValue': 'shared' } }) }));
  expect(on.parameters.get('/b')).toBe('x');
  expect(await on.call('ListImports', { ExportName: 'shared' })).toEqual({ Imports: ['user'] });
  await on.call('UpdateStack', { StackName: 'base', TemplateBody: exporting('y') });
  expect(await on.rest('base')).toBe('UPDATE_ROLLBACK_COMPLETE');
  await on.call('DeleteStack', { StackName: 'base' });
  expect(await on.rest('base')).toBe('DELETE_FAILED');
  const { Stacks } = await on.call<{ Stacks: { StackStatusReason: string }[] }>('DescribeStacks', {
    StackName: 'base',
  });
  expect(Stacks[0]?.StackStatusReason).toBe('Export shared cannot be deleted as it is in use by user');
  await on.call('CreateStack', { StackName: 'twin', TemplateBody: exporting('z').replace('/a', '/z') });
  expect(await on.rest('twin')).toBe('ROLLBACK_COMPLETE');
  await on.call('CreateStack', {
    StackName: 'lost',
    TemplateBody: template({ B: parameter({ Value: { 'Fn::ImportValue': 'no' } }) }),
  });
  expect(await on.rest('lost')).toBe('ROLLBACK_COMPLETE');
});
