import { beforeEach, expect, test } from 'vitest';
import type { Service } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { iamReport } from '../../../src/sandbox/control/iam-report.ts';
import type { GuardedSandbox } from '../services/iam/iam-sandbox.ts';
import { account, allow, guardedSandbox, home } from '../services/iam/iam-sandbox.ts';

const queue = (name: string) => `arn:aws:sqs:${home}:${account}:${name}`;

const queues = (): Service => ({
  name: 'sqs',
  operations: {
    SendMessage: operation(
      () => ({}),
      ({ QueueUrl }: { QueueUrl: string }) => [{ action: 'sqs:SendMessage', resource: queue(QueueUrl) }],
    ),
    PurgeQueue: operation(
      () => ({}),
      ({ QueueUrl }: { QueueUrl: string }) => [{ action: 'sqs:PurgeQueue', resource: queue(QueueUrl) }],
    ),
  },
});

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([queues]);
});

const report = (role?: string) => iamReport(sandbox.core, sandbox.iam.usage(), role);

test('what a role used, what a statement grants and nothing needed, what was refused', async () => {
  await sandbox.role(
    'worker',
    allow(['sqs:Send*', 'sqs:ReceiveMessage'], queue('a'), { Sid: 'Own' }),
    allow('sqs:SendMessage', queue('b')),
    { Effect: 'Deny', Action: 'sqs:*', Resource: queue('c') },
  );
  const worker = await sandbox.session('worker');
  await sandbox.as(worker, 'sqs', 'SendMessage', { QueueUrl: 'a', MessageBody: 'x' });
  await sandbox.as(worker, 'sqs', 'SendMessage', { QueueUrl: 'a', MessageBody: 'x' });
  await expect(sandbox.as(worker, 'sqs', 'PurgeQueue', { QueueUrl: 'a' })).rejects.toThrow(/not authorized/);
  await expect(sandbox.as(worker, 'sqs', 'SendMessage', { QueueUrl: 'c', MessageBody: 'x' })).rejects.toThrow(
    /explicit deny/,
  );

  expect(report('worker')).toEqual([
    {
      role: 'worker',
      used: [{ action: 'sqs:SendMessage', count: 2, resources: [queue('a')] }],
      unused: [
        { action: 'sqs:ReceiveMessage', resources: [queue('a')], policy: 'inline policy own', statement: 'Own' },
        // The same action was used, but never on what this statement grants it for.
        { action: 'sqs:SendMessage', resources: [queue('b')], policy: 'inline policy own', statement: 'statement 2' },
      ],
      denied: [
        { action: 'sqs:PurgeQueue', resources: [queue('a')], count: 1, by: 'no statement allows it' },
        { action: 'sqs:SendMessage', resources: [queue('c')], count: 1, by: 'inline policy own, statement 3' },
      ],
    },
  ]);
});

test('a role that never called stands there with all it was granted', async () => {
  await sandbox.role('idle', allow('sqs:*'));
  expect(report()).toEqual([
    {
      role: 'idle',
      used: [],
      unused: [{ action: 'sqs:*', resources: ['*'], policy: 'inline policy own', statement: 'statement 1' }],
      denied: [],
    },
  ]);
  expect(() => report('other')).toThrow(/no such role.*Allowed: idle/);
});
