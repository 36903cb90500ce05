import { beforeEach, describe, expect, it } from 'vitest';
import type { Principal, Service } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { createAuthorizer } from '../../../src/sandbox/iam/authorizer.ts';
import { passRole } from '../../../src/sandbox/iam/pass-role.ts';
import type { GuardedSandbox } from '../services/iam/iam-sandbox.ts';
import { account, allow, away, guardedSandbox, home, policy, refusal } from '../services/iam/iam-sandbox.ts';

const queue = `arn:aws:sqs:${home}:${account}:q`;

/** Stands for any service: its operations do nothing but say that they were let in. */
const door = (name: Service['name'], action: string, resource: string, queuePolicy?: string): Service => ({
  name,
  operations: {
    Enter: operation(
      () => ({ entered: true }),
      () => [{ action, resource }],
    ),
  },
  resourcePolicy: () => queuePolicy,
});

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox([() => door('sqs', 'sqs:SendMessage', queue), () => door('ec2', 'ec2:RunInstances', '*')]);
});

const enter = (principal: Principal | undefined, service = 'sqs', region = home) =>
  sandbox.as(principal, service, 'Enter', {}, region);

describe('roles are judged by what is attached to them, from that moment on', () => {
  it('inline policies, managed policies and the boundary', async () => {
    await sandbox.role('r');
    const principal = await sandbox.session('r');
    expect(await refusal(enter(principal))).toBe(
      `AccessDenied: User: arn:aws:sts::${account}:assumed-role/r/i-1 is not authorized to perform: sqs:SendMessage on resource: ${queue} because no identity-based policy allows the sqs:SendMessage action [there is none]`,
    );
    await sandbox.as(undefined, 'iam', 'CreatePolicy', {
      PolicyName: 'queues',
      PolicyDocument: policy(allow('sqs:*')),
    });
    const arn = `arn:aws:iam::${account}:policy/queues`;
    await sandbox.as(undefined, 'iam', 'AttachRolePolicy', { RoleName: 'r', PolicyArn: arn });
    expect(await enter(principal)).toEqual({ entered: true });
    await sandbox.as(undefined, 'iam', 'PutRolePermissionsBoundary', {
      RoleName: 'r',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore',
    });
    expect(await refusal(enter(principal))).toMatch(
      /because no permissions boundary allows the sqs:SendMessage action \[no statement allows it in: managed policy AmazonSSMManagedInstanceCore\]$/,
    );
    await sandbox.as(undefined, 'iam', 'DeleteRolePermissionsBoundary', { RoleName: 'r' });
    await sandbox.as(undefined, 'iam', 'CreatePolicyVersion', {
      PolicyArn: arn,
      PolicyDocument: policy(allow('sqs:Receive*')),
      SetAsDefault: true,
    });
    expect(await refusal(enter(principal))).toMatch(/\[no statement allows it in: managed policy queues\]$/);
  });

  it('a deny is explained by its statement', async () => {
    await sandbox.role('r', allow('*'), { Effect: 'Deny', Action: 'sqs:*', Resource: '*', Sid: 'NoQueues' });
    expect(await refusal(enter(await sandbox.session('r')))).toMatch(
      /with an explicit deny in an identity-based policy \[decided by statement NoQueues \(number 2\) of inline policy own\]$/,
    );
  });

  it('each service refuses in its own way', async () => {
    await sandbox.role('r');
    const principal = await sandbox.session('r');
    expect(await refusal(enter(principal, 'ec2'))).toMatch(
      /^UnauthorizedOperation: You are not authorized to perform this operation\. User: .* to perform: ec2:RunInstances because no/,
    );
  });

  it('the administrator may do everything, the root user too, AWS itself isn’t asked', async () => {
    const root: Principal = { kind: 'root', account, arn: `arn:aws:iam::${account}:root` };
    for (const principal of [undefined, root, sandbox.core.as('events')]) {
      expect(await enter(principal)).toEqual({ entered: true });
    }
  });
});

describe('global condition keys', () => {
  const condition = (Condition: object) => allow('sqs:*', '*', { Condition });
  const cases: [string, object, boolean][] = [
    ['aws:RequestedRegion', { StringEquals: { 'aws:RequestedRegion': away } }, true],
    ['another Region', { StringEquals: { 'aws:RequestedRegion': home } }, false],
    ['aws:PrincipalArn is the role’s', { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/r` } }, true],
    ['aws:PrincipalAccount', { StringEquals: { 'aws:PrincipalAccount': account } }, true],
    ['aws:SecureTransport', { Bool: { 'aws:SecureTransport': 'true' } }, true],
    ['aws:CurrentTime', { DateGreaterThan: { 'aws:CurrentTime': '2026-11-23T00:00:00Z' } }, true],
    ['a later time', { DateGreaterThan: { 'aws:CurrentTime': '2026-11-24T00:00:00Z' } }, false],
    ['aws:PrincipalTag', { StringEquals: { 'aws:PrincipalTag/team': 'photos' } }, true],
    ['aws:TokenIssueTime', { Null: { 'aws:TokenIssueTime': 'false' } }, true],
  ];
  it.each(cases)('%s', async (_, block, expected) => {
    await sandbox.role('r', condition(block));
    await sandbox.as(undefined, 'iam', 'TagRole', { RoleName: 'r', Tags: [{ Key: 'team', Value: 'photos' }] });
    const entered = enter(await sandbox.session('r'), 'sqs', away).then(
      () => true,
      () => false,
    );
    expect(await entered).toBe(expected);
  });
});

describe('passing a role', () => {
  it('is asked beside the action itself, and refused in the service’s own way', async () => {
    const roleArn = await sandbox.role('fn');
    const lambda: Service = {
      name: 'lambda',
      operations: {
        CreateFunction: operation(
          () => ({ made: true }),
          () => [{ action: 'lambda:CreateFunction', resource: '*' }, passRole(roleArn, 'lambda.amazonaws.com')],
        ),
      },
    };
    sandbox.dispatcher.register(lambda);
    const passing = (service: string) =>
      allow('iam:PassRole', roleArn, { Condition: { StringEquals: { 'iam:PassedToService': service } } });
    await sandbox.role('a', allow('lambda:*'), passing('ec2.amazonaws.com'));
    await sandbox.role('b', allow('lambda:*'), passing('lambda.amazonaws.com'));
    const create = async (role: string) =>
      sandbox.as(await sandbox.session(role), 'lambda', 'CreateFunction', {
        FunctionName: 'fn',
        Role: roleArn,
        Code: {},
      });
    expect(await refusal(create('a'))).toMatch(/^AccessDeniedException: .* not authorized to perform: iam:PassRole/);
    expect(await create('b')).toEqual({ made: true });
  });
});

describe('usage', () => {
  it('counts what each role was allowed, by statement, and what it was refused', async () => {
    await sandbox.role('r', allow('sqs:*'), allow('s3:*'));
    const principal = await sandbox.session('r');
    const first = sandbox.clock.now();
    await enter(principal);
    await sandbox.clock.advance(5000);
    await enter(principal);
    await refusal(enter(principal, 'ec2'));
    const last = first + 5000;
    expect(sandbox.iam.usage()).toEqual([
      {
        role: 'r',
        allowed: [
          {
            action: 'sqs:SendMessage',
            resource: queue,
            statement: { layer: 'identity', policy: 'inline policy own', sid: undefined, index: 0 },
            layer: 'identity',
            count: 2,
            first,
            last,
          },
        ],
        denied: [
          {
            action: 'ec2:RunInstances',
            resource: '*',
            statement: undefined,
            layer: 'identity',
            count: 1,
            first: last,
            last,
          },
        ],
      },
    ]);
  });
});

describe('why', () => {
  it('is told in the sandbox’s log, once for each refusal', async () => {
    await sandbox.role('r', allow('*'), { Effect: 'Deny', Action: 'sqs:*', Resource: '*', Sid: 'NoQueues' });
    const principal = await sandbox.session('r');
    const told: string[] = [];
    const iam = createAuthorizer({ ...sandbox.core, log: ({ service, text }) => told.push(`${service}: ${text}`) });
    sandbox.dispatcher.authorizer = iam.authorizer;
    for (let call = 0; call < 3; call++) await refusal(enter(principal));
    expect(told).toEqual([expect.stringMatching(/^iam: User: .*\/r\/i-1 .* \[decided by statement NoQueues/)]);
  });

  it('can be asked before anything is done, and asking leaves no trace', async () => {
    await sandbox.role('r', { ...allow('sqs:Send*'), Sid: 'Send' });
    const principal = await sandbox.session('r');
    const call = { account, region: home, from: home, principal, requestId: 'q' };
    const asks = ['sqs:SendMessage', 'sqs:PurgeQueue'].map((action) => ({ action, resource: queue }));
    const answers = sandbox.iam.explain(principal, asks, call, () => undefined);
    expect(answers).toMatchObject([
      {
        allowed: true,
        by: { sid: 'Send', index: 0 },
        text: `sqs:SendMessage on ${queue} is allowed by statement Send (number 1) of inline policy own`,
      },
      {
        allowed: false,
        by: undefined,
        text: expect.stringContaining('no identity-based policy allows the sqs:PurgeQueue'),
      },
    ]);
    expect(sandbox.iam.usage()).toEqual([]);
  });
});
