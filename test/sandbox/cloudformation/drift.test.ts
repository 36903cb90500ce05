// Drift-aware change sets: what is declared is held against what really is, and going back leads there.

import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { shaped } from '../../../src/sandbox/cloudformation/shape.ts';
import { AwsError } from '../../../src/sandbox/contract.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

beforeAll(() => shaped('ssm', 'PutParameter', {}));

let on: Bench;
beforeEach(async () => {
  on = bench();
  await on.call('CreateStack', { StackName: 'app', TemplateBody: body('1') });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  on.calls.length = 0;
});
afterEach(() => on.close());

const body = (value: string, more: object = {}) =>
  template({ A: parameter({ Name: '/a', Value: value }), B: parameter({ Name: '/b', Value: '1' }), ...more });

interface Described {
  readonly Status: string;
  readonly DeploymentMode?: string;
  readonly Changes: readonly { readonly ResourceChange: Record<string, unknown> }[];
}

async function reviewed(TemplateBody: string, mode: object = { DeploymentMode: 'REVERT_DRIFT' }): Promise<Described> {
  await on.call('CreateChangeSet', { StackName: 'app', ChangeSetName: 'drift', TemplateBody, ...mode });
  return on.call<Described>('DescribeChangeSet', {
    StackName: 'app',
    ChangeSetName: 'drift',
    IncludePropertyValues: true,
  });
}

async function execute(): Promise<string> {
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'drift' });
  return on.rest('app');
}

const puts = () =>
  on.calls
    .filter(({ operation }) => operation === 'PutParameter')
    .map(({ input }) => `${String(input.Name)} ${String(input.Value)}`);

describe('a drift-aware change set', () => {
  it('brings what was changed by hand back to the template, and touches nothing else', async () => {
    on.parameters.set('/a', 'by hand');
    expect(await reviewed(body('1'), {})).toMatchObject({ Status: 'FAILED' });
    await on.call('DeleteChangeSet', { StackName: 'app', ChangeSetName: 'drift' });
    const { Changes, DeploymentMode } = await reviewed(body('1'));
    expect({ Changes, DeploymentMode }).toMatchObject({
      DeploymentMode: 'REVERT_DRIFT',
      Changes: [
        {
          ResourceChange: {
            Action: 'Modify',
            LogicalResourceId: 'A',
            ResourceDriftStatus: 'MODIFIED',
            Details: [{ Target: { BeforeValue: 'by hand', BeforeValueFrom: 'ACTUAL_STATE', AfterValue: '1' } }],
          },
        },
      ],
    });
    expect(await execute()).toBe('UPDATE_COMPLETE');
    expect(puts()).toEqual(['/a 1']);
  });

  it('goes back to what really was when it fails', async () => {
    on.parameters.set('/a', 'by hand');
    on.refuse = (_, { Name }) => (Name === '/c' ? new AwsError('ValidationException', 'no') : undefined);
    await reviewed(body('1', { C: parameter({ Name: '/c', Value: '1' }, { DependsOn: 'A' }) }));
    expect(await execute()).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(on.parameters.get('/a')).toBe('by hand');
  });

  it('only remembers what is already as the template has it', async () => {
    on.parameters.set('/a', '2');
    const { Changes } = await reviewed(body('2'));
    expect(Changes).toMatchObject([{ ResourceChange: { Action: 'SyncWithActual', LogicalResourceId: 'A' } }]);
    expect(await execute()).toBe('UPDATE_COMPLETE');
    expect(puts()).toEqual([]);
    await on.call('DeleteChangeSet', { StackName: 'app', ChangeSetName: 'drift' });
    expect(await reviewed(body('2'), {})).toMatchObject({ Status: 'FAILED' });
  });

  it('finds nothing where nothing has drifted', async () => {
    expect(await reviewed(body('1'))).toMatchObject({ Status: 'FAILED', Changes: [] });
  });
});
