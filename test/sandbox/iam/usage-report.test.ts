import { describe, expect, it } from 'vitest';
import { knownActions } from '../../../src/sandbox/iam/actions.ts';
import { roleReports } from '../../../src/sandbox/iam/role-reports.ts';
import { UsageRecord } from '../../../src/sandbox/iam/usage.ts';
import { roleReport } from '../../../src/sandbox/iam/usage-report.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { account, allow, guardedSandbox, home, refusal } from '../services/iam/iam-sandbox.ts';
import { named } from './requests.ts';

const catalogue = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 'sqs:DeleteMessage', 'sqs:SendMessage'];
const nothing = { role: 'r', allowed: [], denied: [] };
const by = (index: number, sid?: string) => ({ layer: 'identity' as const, policy: 'own', sid, index });

describe('what a role never used', () => {
  it('is every action its policies stand for, by entry and statement', () => {
    const policies = [
      named('own', [
        { Effect: 'Allow', Action: ['s3:Get*', 'rds:PromoteReadReplica'], Resource: '*', Sid: 'Read' },
        { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' },
        { Effect: 'Allow', NotAction: 's3:*', Resource: '*' },
      ]),
    ];
    expect(roleReport(nothing, policies, catalogue).neverUsed).toEqual([
      { grant: 's3:Get*', by: by(0, 'Read'), actions: ['s3:GetObject', 's3:GetObjectVersion'] },
      { grant: 'rds:PromoteReadReplica', by: by(0, 'Read'), actions: ['rds:PromoteReadReplica'] },
      { grant: 'NotAction s3:*', by: by(2), actions: ['sqs:DeleteMessage', 'sqs:SendMessage'] },
    ]);
  });

  it('leaves out what was used, however it was spelled, and entries used up', () => {
    const policies = [named('own', { Effect: 'Allow', Action: ['S3:getobject', 'sqs:*'], Resource: '*' })];
    const record = new UsageRecord();
    const use = { resource: '*', statement: by(0), layer: 'identity' as const };
    record.add('r', 'allowed', { ...use, action: 's3:GetObject' }, 1000);
    record.add('r', 'allowed', { ...use, action: 'sqs:SendMessage' }, 2000);
    expect(roleReport(record.all()[0] ?? nothing, policies, catalogue).neverUsed).toEqual([
      { grant: 'sqs:*', by: by(0), actions: ['sqs:DeleteMessage'] },
    ]);
  });
});

describe('what a role used', () => {
  it('is added up by action, and names no more than a hundred resources of each', () => {
    const record = new UsageRecord();
    for (let n = 0; n < 150; n++) {
      const asked = { action: 's3:GetObject', resource: `key-${n}`, statement: by(0), layer: 'identity' as const };
      record.add('r', 'allowed', asked, 1000 + n);
    }
    const [used] = roleReport(record.all()[0] ?? nothing, [], catalogue).used;
    expect(used).toMatchObject({ action: 's3:GetObject', count: 150, first: 1000, last: 1149, by: [by(0)] });
    expect(used?.resources).toHaveLength(101);
    expect(used?.resources.at(-1)).toBe('…');
  });
});

it('reports every role of the account, from real calls', async () => {
  const sandbox = guardedSandbox([createSqsService]);
  await sandbox.role('busy', allow(['sqs:CreateQueue', 'sqs:SendMessage']));
  await sandbox.role('idle', allow('sqs:PurgeQueue'));
  const busy = await sandbox.session('busy');
  await sandbox.as(busy, 'sqs', 'CreateQueue', { QueueName: 'q' });
  await refusal(sandbox.as(busy, 'sqs', 'ListQueues'));
  const reports = roleReports(sandbox.core, sandbox.iam.usage(), sandbox.dispatcher.services);
  expect(reports).toMatchObject([
    {
      role: 'busy',
      used: [{ action: 'sqs:CreateQueue', resources: [`arn:aws:sqs:${home}:${account}:q`], count: 1 }],
      neverUsed: [{ grant: 'sqs:SendMessage', actions: ['sqs:SendMessage'] }],
      denied: [{ action: 'sqs:ListQueues', statement: undefined, layer: 'identity', count: 1 }],
    },
    { role: 'idle', used: [], neverUsed: [{ actions: ['sqs:PurgeQueue'] }], denied: [] },
  ]);
});

it('knows the actions of operations that are asked about under another name', () => {
  const operations = { ListObjectsV2: { handle: () => ({}) }, GetObject: { handle: () => ({}) } };
  const known = knownActions([
    { name: 's3', operations },
    { name: 'monitoring', iamPrefix: 'cloudwatch', operations: { PutMetricData: { handle: () => ({}) } } },
  ]);
  expect(known).toContain('s3:GetObject');
  expect(known).toContain('s3:ListBucket');
  expect(known).toContain('cloudwatch:PutMetricData');
  expect(known).not.toContain('s3:ListObjectsV2');
});
