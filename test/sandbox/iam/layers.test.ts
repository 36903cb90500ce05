import { describe, expect, it } from 'vitest';
import type { Layers } from './requests.ts';
import { account, inWords, roleArn, root, rootArn, sessionArn, user, userArn, verdictOn } from './requests.ts';

const object = 'arn:aws:s3:::photos/a.jpg';
const key = `arn:aws:kms:us-east-1:${account}:key/1234`;
const role = `arn:aws:iam::${account}:role/deploy`;
const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
const deny = { Effect: 'Deny', Action: '*', Resource: '*' };
const allowTo = (AWS: string) => ({ ...allow, Principal: { AWS } });
const trust = (principal: unknown) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: principal });

describe('the layers of one account', () => {
  const cases: [string, string, Layers][] = [
    ['nothing is allowed by nothing', 'identity says nothing', {}],
    ['an identity policy allows', 'allowed by identity', { identity: allow }],
    ['an explicit deny wins over an allow beside it', 'denied by identity', { identity: [allow, deny] }],
    ['a resource policy suffices when it names the role', 'allowed by resource', { resource: allowTo(roleArn) }],
    ['and when it names the session', 'allowed by resource', { resource: allowTo(sessionArn) }],
    ['and when it names everybody', 'allowed by resource', { resource: allowTo('*') }],
    ['naming the account only delegates', 'identity says nothing', { resource: allowTo(rootArn) }],
    [
      'a deny in the resource policy wins',
      'denied by resource',
      { identity: allow, resource: { ...deny, Principal: '*' } },
    ],
    [
      'a boundary lowers what it leaves out',
      'boundary says nothing',
      {
        identity: allow,
        boundary: { ...allow, Action: 'ec2:*' },
      },
    ],
    ['a boundary never grants', 'identity says nothing', { boundary: allow }],
    ['a boundary that denies', 'denied by boundary', { identity: allow, boundary: [allow, deny] }],
    [
      'a session policy lowers too',
      'session says nothing',
      { identity: allow, session: { ...allow, Action: 'ec2:*' } },
    ],
    ['a session policy that denies', 'denied by session', { identity: allow, session: [allow, deny] }],
    [
      'a grant to the role is limited by the boundary',
      'boundary says nothing',
      {
        resource: allowTo(roleArn),
        boundary: { ...allow, Action: 'ec2:*' },
      },
    ],
    [
      'a grant to the session itself is not',
      'allowed by resource',
      {
        resource: allowTo(sessionArn),
        boundary: { ...allow, Action: 'ec2:*' },
      },
    ],
    [
      'nor one to a user',
      'allowed by resource',
      {
        caller: user,
        resource: allowTo(userArn),
        boundary: { ...allow, Action: 'ec2:*' },
      },
    ],
    ['yet the boundary’s deny counts there', 'denied by boundary', { resource: allowTo(sessionArn), boundary: deny }],
    [
      'a session policy limits a grant to the role',
      'session says nothing',
      { resource: allowTo(roleArn), session: { ...allow, Action: 'ec2:*' } },
    ],
    [
      'and not one to the session itself',
      'allowed by resource',
      { resource: allowTo(sessionArn), session: { ...allow, Action: 'ec2:*' } },
    ],
    [
      'nor one to everybody',
      'allowed by resource',
      { resource: allowTo('*'), session: { ...allow, Action: 'ec2:*' }, boundary: { ...allow, Action: 'ec2:*' } },
    ],
    [
      'yet the session policy’s deny counts there',
      'denied by session',
      { resource: allowTo(sessionArn), session: deny },
    ],
    [
      'a grant to the account is limited as the identity policies it points to are',
      'session says nothing',
      { identity: allow, resource: allowTo(rootArn), session: { ...allow, Action: 'ec2:*' } },
    ],
    [
      'the boundary counts before the session policy',
      'boundary says nothing',
      { identity: allow, boundary: { ...allow, Action: 'ec2:*' }, session: { ...allow, Action: 'ec2:*' } },
    ],
    ['a session policy alone grants nothing', 'identity says nothing', { session: allow }],
    [
      'a grant to another account’s root is nobody’s here',
      'identity says nothing',
      { resource: allowTo('arn:aws:iam::444455556666:root') },
    ],
    ['the root user needs no policy', 'allowed by identity', { caller: root }],
    [
      'but a resource policy stops even the root user',
      'denied by resource',
      {
        caller: root,
        resource: { ...deny, Principal: '*' },
      },
    ],
  ];
  it.each(cases)('%s: %s', (_, expected, layers) => {
    expect(inWords(verdictOn('s3:GetObject', object, layers))).toBe(expected);
  });
});

describe('keys are shut without their own policy', () => {
  const cases: [string, string, Layers][] = [
    ['an identity policy alone', 'resource says nothing', { identity: allow }],
    [
      'delegation to the account, with an identity policy',
      'allowed by identity',
      {
        identity: allow,
        resource: allowTo(rootArn),
      },
    ],
    ['delegation by account number', 'allowed by identity', { identity: allow, resource: allowTo(account) }],
    ['delegation without one', 'identity says nothing', { resource: allowTo(rootArn) }],
    [
      'delegation of another action',
      'resource says nothing',
      {
        identity: allow,
        resource: { ...allowTo(rootArn), Action: 'kms:Describe*' },
      },
    ],
    ['a grant to the role', 'allowed by resource', { resource: allowTo(roleArn) }],
    ['the root user, delegated to', 'allowed by identity', { caller: root, resource: allowTo(rootArn) }],
    ['the root user, shut out', 'resource says nothing', { caller: root, resource: allowTo(userArn) }],
  ];
  it.each(cases)('%s: %s', (_, expected, layers) => {
    expect(inWords(verdictOn('kms:Decrypt', key, layers))).toBe(expected);
  });

  it('listing keys asks about no key', () => {
    expect(inWords(verdictOn('kms:ListKeys', '*', { identity: allow }))).toBe('allowed by identity');
  });
});

describe('trust policies', () => {
  const cases: [string, string, Layers][] = [
    [
      'an administrator whom the role doesn’t trust',
      'resource says nothing',
      {
        identity: allow,
        resource: trust({ Service: 'lambda.amazonaws.com' }),
      },
    ],
    ['trust in the account needs an identity policy', 'identity says nothing', { resource: trust({ AWS: rootArn }) }],
    ['trust in the account, with one', 'allowed by identity', { identity: allow, resource: trust({ AWS: rootArn }) }],
    ['trust in the role itself', 'allowed by resource', { resource: trust({ AWS: roleArn }) }],
    [
      'trust with an external id that isn’t given',
      'resource says nothing',
      {
        identity: allow,
        resource: { ...trust({ AWS: rootArn }), Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      },
    ],
    [
      'trust with an external id',
      'allowed by identity',
      {
        identity: allow,
        keys: { 'sts:ExternalId': 'x' },
        resource: { ...trust({ AWS: rootArn }), Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      },
    ],
  ];
  it.each(cases)('%s: %s', (_, expected, layers) => {
    expect(inWords(verdictOn('sts:AssumeRole', role, layers))).toBe(expected);
  });

  it('say nothing about managing or passing the role', () => {
    const layers = { resource: { Effect: 'Deny', Action: '*', Principal: '*' } };
    expect(inWords(verdictOn('iam:PassRole', role, { ...layers, identity: allow }))).toBe('allowed by identity');
  });
});

describe('principals', () => {
  const cases: [string, boolean, object][] = [
    ['the role’s unique id', true, { Principal: { AWS: 'AROAWEB' } }],
    ['another role', false, { Principal: { AWS: `arn:aws:iam::${account}:role/other` } }],
    ['another session of the role', false, { Principal: { AWS: `arn:aws:sts::${account}:assumed-role/web/i-2` } }],
    ['a service', false, { Principal: { Service: 'lambda.amazonaws.com' } }],
    ['one of several', true, { Principal: { AWS: [`arn:aws:iam::${account}:user/other`, roleArn] } }],
    ['everybody', true, { Principal: '*' }],
  ];
  it.each(cases)('%s: %s', (_, expected, principal) => {
    const resource = { Effect: 'Allow', Action: '*', Resource: '*', ...principal };
    expect(verdictOn('sqs:SendMessage', 'arn:aws:sqs:us-east-1:1:q', { resource }).allowed).toBe(expected);
  });

  const spared: [string, boolean, string[], Layers][] = [
    ['session, role and account', true, [sessionArn, roleArn, rootArn], {}],
    ['only the role', false, [roleArn], {}],
    ['all three, but it has a boundary', false, [sessionArn, roleArn, rootArn], { boundary: allow }],
  ];
  it.each(spared)('a Deny with NotPrincipal spares a session named by %s: %s', (_, expected, AWS, layers) => {
    const resource = { ...deny, NotPrincipal: { AWS } };
    const verdict = verdictOn('s3:GetObject', object, { identity: allow, resource, ...layers });
    expect(verdict.allowed).toBe(expected);
  });
});

it('names the deciding statement by policy, Sid and place', () => {
  const verdict = verdictOn('s3:GetObject', object, {
    identity: [allow, { ...deny, Sid: 'NoPhotos', Action: 's3:Get*' }],
  });
  expect(verdict).toEqual({
    allowed: false,
    explicit: true,
    by: { layer: 'identity', policy: 'identity', sid: 'NoPhotos', index: 1 },
  });
});
