/** The lists of condition keys in the coverage document are those that calls carry. */

import { expect, it } from 'vitest';
import type { Call } from '../../../src/sandbox/contract.ts';
import { callerKeyNames, standingOf } from '../../../src/sandbox/iam/caller.ts';
import { globalKeyNames, globalKeys } from '../../../src/sandbox/iam/global-keys.ts';
import { guardedSandbox, home } from '../services/iam/iam-sandbox.ts';

const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

it('of every call', () => {
  const { core } = guardedSandbox();
  const call: Call = { account: core.account, region: home, from: home, principal: core.as('test'), requestId: 'r' };
  const endpoint = { id: 'vpce-1', vpcId: 'vpc-1', policy: '{}' };
  const kms = { action: 'kms:Decrypt', resource: '*' };
  const keys = [
    globalKeys({ ...call, origin: { address: '203.0.113.9' } }, kms, [], 0),
    globalKeys({ ...call, origin: { address: '10.0.1.4', endpoint } }, kms, [], 0),
    globalKeys(call, kms, ['ssm'], 0),
  ];
  expect(sorted(keys.flatMap((one) => Object.keys(one)))).toEqual(sorted(globalKeyNames));
});

it('of its caller', async () => {
  const sandbox = guardedSandbox();
  await sandbox.role('r');
  await sandbox.as(undefined, 'iam', 'TagRole', { RoleName: 'r', Tags: [{ Key: 'team', Value: 'photos' }] });
  const callers = [sandbox.administrator.principal, await sandbox.session('r')];
  const keys = callers.flatMap((principal) => [...standingOf(sandbox.core, principal).keys.keys()]);
  const expected = callerKeyNames.map((name) => name.replace('*', 'team').toLowerCase());
  expect(sorted(keys)).toEqual(sorted(expected));
});

it('a call that came through CloudFormation says so, one of the stack’s role doesn’t', async () => {
  const { passedOn } = await import('../../../src/sandbox/cloudformation/identity.ts');
  const sandbox = guardedSandbox();
  expect(passedOn(sandbox.administrator.principal)).toMatchObject({ calledVia: ['cloudformation'] });
  const role = { kind: 'role', account: '1', arn: 'a', roleName: 'r', sessionName: 'AWSCloudFormation' } as const;
  expect(passedOn(role)).toEqual({ principal: role });
});
