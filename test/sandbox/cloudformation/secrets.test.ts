import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

let on: Bench;
beforeEach(() => {
  on = bench();
});
afterEach(() => on.close());

const arn = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:db-abc';

it('resolves dynamic references when a property is sent, and keeps and shows only the reference', async () => {
  on.secrets.set(arn, JSON.stringify({ password: 'hunter2', port: 3306 }));
  on.parameters.set('/plain', 'in the clear');
  const body = template(
    {
      A: parameter({
        Name: '/a',
        Value: { 'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Arn' }, ':SecretString:password::}}']] },
      }),
      B: parameter({
        Name: '/b',
        Value: `x {{resolve:ssm:/plain}} {{resolve:secretsmanager:${arn}:SecretString:port}}`,
      }),
    },
    { Parameters: { Arn: { Type: 'String', Default: arn } } },
  );
  await on.call('CreateStack', { StackName: 'app', TemplateBody: body });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  expect(on.parameters.get('/a')).toBe('hunter2');
  expect(on.parameters.get('/b')).toBe('x in the clear 3306');
  const kept = ['stacks', 'events'].map((name) => on.sandbox.core.table('cloudformation', 'us-east-1', name).values());
  const shown = await on.call('DescribeStackEvents', { StackName: 'app' });
  expect(JSON.stringify([kept, shown])).not.toMatch(/hunter2|in the clear/);
  expect(JSON.stringify(kept)).toContain(`{{resolve:secretsmanager:${arn}:SecretString:password::}}`);
  // A new value behind the same reference is no difference.
  on.secrets.set(arn, JSON.stringify({ password: 'other', port: 1 }));
  await expect(on.call('UpdateStack', { StackName: 'app', TemplateBody: body })).rejects.toThrow(
    'No updates are to be performed.',
  );
});

it('fails the resource whose reference leads nowhere, and refuses secure strings where AWS does', async () => {
  for (const value of ['{{resolve:ssm:/none}}', '{{resolve:ssm-secure:/plain}}']) {
    await on.call('CreateStack', { StackName: 'app', TemplateBody: template({ A: parameter({ Value: value }) }) });
    expect(await on.rest('app')).toBe('ROLLBACK_COMPLETE');
    await on.call('DeleteStack', { StackName: 'app' });
    await on.sandbox.clock.advance(1000);
  }
});

it('masks parameters that are not to be echoed, in events and change sets', async () => {
  const body = template(
    { A: parameter({ Name: '/a', Value: { Ref: 'P' } }) },
    { Parameters: { P: { Type: 'String', NoEcho: true } } },
  );
  const Parameters = [{ ParameterKey: 'P', ParameterValue: 'hush-hush' }];
  await on.call('CreateChangeSet', {
    StackName: 'app',
    ChangeSetName: 'c',
    ChangeSetType: 'CREATE',
    TemplateBody: body,
    Parameters,
  });
  const set = await on.call('DescribeChangeSet', { StackName: 'app', ChangeSetName: 'c', IncludePropertyValues: true });
  await on.call('ExecuteChangeSet', { StackName: 'app', ChangeSetName: 'c' });
  expect(await on.rest('app')).toBe('CREATE_COMPLETE');
  expect(on.parameters.get('/a')).toBe('hush-hush');
  const shown = await Promise.all([
    on.call('DescribeStackEvents', { StackName: 'app' }),
    on.call('DescribeStacks', { StackName: 'app' }),
  ]);
  expect(JSON.stringify([set, shown])).not.toContain('hush-hush');
});
