// What a deployment asks an account before it begins: what a principal may do, which Regions it has, how much of its quotas is used.

import { beforeEach, expect, test } from 'vitest';
import { createEc2Service } from '../../src/sandbox/services/ec2/service.ts';
import { createIamService } from '../../src/sandbox/services/iam/service.ts';
import { createRoute53Service } from '../../src/sandbox/services/route53/operations.ts';
import type { TestSandbox } from '../support/test-sandbox.ts';
import { testSandbox } from '../support/test-sandbox.ts';

let sandbox: TestSandbox;

beforeEach(() => {
  sandbox = testSandbox([createIamService, (core) => createEc2Service(core), (core) => createRoute53Service(core)]);
});

test("a user's policies are asked without doing anything: allowed, denied by a statement, or by silence", async () => {
  const { User } = await sandbox.call<{ User: { Arn: string } }>('iam', 'CreateUser', { UserName: 'ann' });
  const statement = (Effect: string, Action: string, Resource: string) => ({ Effect, Action, Resource });
  await sandbox.call('iam', 'PutUserPolicy', {
    UserName: 'ann',
    PolicyName: 'some',
    PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [statement('Allow', 's3:*', 'arn:aws:s3:::mine/*'), statement('Deny', 's3:DeleteObject', '*')],
    }),
  });
  const { EvaluationResults } = await sandbox.call<{
    EvaluationResults: { EvalActionName: string; EvalResourceName: string; EvalDecision: string }[];
  }>('iam', 'SimulatePrincipalPolicy', {
    PolicySourceArn: User.Arn,
    ActionNames: ['s3:PutObject', 's3:DeleteObject'],
    ResourceArns: ['arn:aws:s3:::mine/a', 'arn:aws:s3:::other/a'],
  });
  expect(EvaluationResults.map(({ EvalDecision }) => EvalDecision)).toEqual([
    'allowed',
    'implicitDeny',
    'explicitDeny',
    'explicitDeny',
  ]);
  await expect(
    sandbox.call('iam', 'SimulatePrincipalPolicy', { PolicySourceArn: `${User.Arn}x`, ActionNames: ['s3:GetObject'] }),
  ).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

test('Regions the sandbox has are open, others are not opted in to and only shown when all are asked for', async () => {
  const regions = async (input: object) =>
    (await sandbox.call<{ Regions: { RegionName: string; OptInStatus: string }[] }>('ec2', 'DescribeRegions', input))
      .Regions;
  expect((await regions({})).map(({ RegionName }) => RegionName)).toEqual(['us-east-1', 'us-west-2']);
  expect(await regions({ RegionNames: ['af-south-1'], AllRegions: true })).toMatchObject([
    { OptInStatus: 'not-opted-in' },
  ]);
  await expect(regions({ RegionNames: ['mars-1'] })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
});

test('health checks are counted against their quota', async () => {
  const limit = () =>
    sandbox.call<{ Count: number; Limit: { Value: number } }>('route53', 'GetAccountLimit', {
      Type: 'MAX_HEALTH_CHECKS_BY_OWNER',
    });
  expect(await limit()).toMatchObject({ Count: 0, Limit: { Value: 200 } });
  await sandbox.call('route53', 'CreateHealthCheck', {
    CallerReference: 'one',
    HealthCheckConfig: { Type: 'TCP', IPAddress: '192.0.2.1', Port: 80 },
  });
  expect((await limit()).Count).toBe(1);
});
