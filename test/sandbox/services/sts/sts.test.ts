import { beforeEach, describe, expect, it } from 'vitest';
import { assumeRole as takeRole } from '../../../../src/sandbox/services/events/role-session.ts';
import { credentials } from '../../../../src/sandbox/services/iam/credentials.ts';
import type { GuardedSandbox } from '../iam/iam-sandbox.ts';
import { account, allow, away, guardedSandbox, home, policy, refusal, trusting } from '../iam/iam-sandbox.ts';

interface Assumed {
  Credentials: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string; Expiration: Date };
  AssumedRoleUser: { Arn: string; AssumedRoleId: string };
}

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox();
});

const arnOf = (role: string): string => `arn:aws:iam::${account}:role/${role}`;

const makeRole = (name: string, trust: string, more: object = {}): Promise<unknown> =>
  sandbox.as(undefined, 'iam', 'CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust, ...more });

const assume = (
  role: string,
  {
    by = sandbox.administrator.principal as Parameters<GuardedSandbox['as']>[0],
    ...input
  }: Record<string, unknown> & {
    by?: Parameters<GuardedSandbox['as']>[0];
  } = {},
): Promise<Assumed> =>
  sandbox.as<Assumed>(by, 'sts', 'AssumeRole', { RoleArn: arnOf(role), RoleSessionName: 'me', ...input });

/** The principal behind an answer's credentials, as the gateway would find it. */
function principalOf({ Credentials: { AccessKeyId, SessionToken } }: Assumed) {
  const known = credentials(sandbox.core, AccessKeyId, SessionToken);
  if (known === undefined || known === 'expired') throw new Error('unknown credentials');
  return known.principal;
}

describe('assuming a role', () => {
  it('gives temporary credentials whose secret and principal the gateway finds', async () => {
    await makeRole('r', trusting({ AWS: account }));
    const assumed = await assume('r');
    expect(assumed.Credentials.AccessKeyId).toMatch(/^ASIA[A-Z0-9]{16}$/);
    expect(assumed.Credentials.Expiration).toEqual(new Date(sandbox.clock.now() + 3_600_000));
    expect(assumed.AssumedRoleUser.Arn).toBe(`arn:aws:sts::${account}:assumed-role/r/me`);
    const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials;
    expect(credentials(sandbox.core, AccessKeyId, SessionToken)).toMatchObject({
      secretAccessKey: SecretAccessKey,
      principal: { kind: 'role', roleName: 'r', sessionName: 'me', arn: assumed.AssumedRoleUser.Arn },
    });
    expect(credentials(sandbox.core, AccessKeyId, 'other')).toBeUndefined();
    expect(credentials(sandbox.core, AccessKeyId)).toBeUndefined();
    expect(credentials(sandbox.core, 'ASIANONE', SessionToken)).toBeUndefined();
  });

  it('they expire in AWS time, and die with the role', async () => {
    await makeRole('r', trusting({ AWS: account }));
    const { Credentials: short } = await assume('r', { DurationSeconds: 900 });
    await sandbox.clock.advance(899_000);
    expect(credentials(sandbox.core, short.AccessKeyId, short.SessionToken)).toBeTypeOf('object');
    await sandbox.clock.advance(1000);
    expect(credentials(sandbox.core, short.AccessKeyId, short.SessionToken)).toBe('expired');
    const { Credentials: later } = await assume('r');
    await sandbox.as(undefined, 'iam', 'DeleteRole', { RoleName: 'r' });
    await makeRole('r', trusting({ AWS: account }));
    expect(credentials(sandbox.core, later.AccessKeyId, later.SessionToken)).toBeUndefined();
  });

  it('a session of a role that was made anew has none of its permissions', async () => {
    await sandbox.role('r', allow('iam:GetRole'));
    const before = await sandbox.session('r');
    expect(await sandbox.as(before, 'iam', 'GetRole', { RoleName: 'r' })).toHaveProperty('Role');
    await sandbox.as(undefined, 'iam', 'DeleteRolePolicy', { RoleName: 'r', PolicyName: 'own' });
    await sandbox.as(undefined, 'iam', 'DeleteRole', { RoleName: 'r' });
    await sandbox.role('r', allow('iam:GetRole'));
    expect(await refusal(sandbox.as(before, 'iam', 'GetRole', { RoleName: 'r' }))).toMatch(/^AccessDenied/);
  });

  it('needs the trust policy', async () => {
    await makeRole('fn', trusting({ Service: 'lambda.amazonaws.com' }));
    expect(await refusal(assume('fn'))).toBe(
      `AccessDenied: User: arn:aws:iam::${account}:user/administrator is not authorized to perform: sts:AssumeRole on resource: ${arnOf('fn')} because no role trust policy allows the sts:AssumeRole action [no statement allows it in: the trust policy of ${arnOf('fn')}]`,
    );
    expect(await refusal(assume('none'))).toMatch(/^AccessDenied/);
  });

  it('by a service needs its name there', async () => {
    await makeRole('fn', trusting({ Service: ['lambda.amazonaws.com', 'states.us-east-1.amazonaws.com'] }));
    for (const service of ['lambda', 'states']) {
      const assumed = await assume('fn', { by: sandbox.core.as(service) });
      expect(assumed.AssumedRoleUser.Arn).toBe(`arn:aws:sts::${account}:assumed-role/fn/me`);
    }
    expect(await refusal(assume('fn', { by: sandbox.core.as('ec2') }))).toMatch(
      /^AccessDenied: User: ec2\.amazonaws\.com is not authorized to perform: sts:AssumeRole .* no role trust policy/,
    );
  });

  it('by a service for a named source', async () => {
    const rule = `arn:aws:scheduler:${home}:${account}:schedule/default/s`;
    await makeRole(
      's',
      trusting({ Service: 'scheduler.amazonaws.com' }, { Condition: { ArnLike: { 'aws:SourceArn': rule } } }),
    );
    const scheduler = sandbox.core.as('scheduler');
    expect(await refusal(assume('s', { by: scheduler }))).toMatch(/^AccessDenied/);
    const acting = { ...scheduler, sourceArn: rule };
    expect(await assume('s', { by: acting })).toHaveProperty('Credentials');
  });

  it('by a service of this account, for what it acts for', async () => {
    const machine = `arn:aws:states:${home}:${account}:stateMachine:dev-dr-failover`;
    const condition = { StringEquals: { 'aws:SourceAccount': account }, ArnEquals: { 'aws:SourceArn': machine } };
    await makeRole('m', trusting({ Service: 'states.amazonaws.com' }, { Condition: condition }));
    const take = (sourceArn: string) =>
      takeRole(sandbox.core, { service: 'states', region: home, roleArn: arnOf('m'), sessionName: 'run', sourceArn });
    expect(await refusal(take(`${machine}-other`))).toMatch(/^AccessDenied: User: states\.amazonaws\.com/);
    expect(await take(machine)).toMatchObject({ principal: { roleName: 'm', sessionName: 'run' } });
  });

  it('with an external id', async () => {
    const condition = { Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } };
    await makeRole('r', trusting({ AWS: account }, condition));
    expect(await refusal(assume('r'))).toMatch(/^AccessDenied/);
    expect(await refusal(assume('r', { ExternalId: 'guess' }))).toMatch(/^AccessDenied/);
    expect(await assume('r', { ExternalId: 'secret' })).toHaveProperty('Credentials');
  });

  it('from a role is for an hour at most', async () => {
    await sandbox.role('first', allow('sts:AssumeRole', arnOf('second')));
    await makeRole('second', trusting({ AWS: arnOf('first') }), { MaxSessionDuration: 43_200 });
    const first = await sandbox.session('first');
    expect(await refusal(assume('second', { by: first, DurationSeconds: 3601 }))).toMatch(/role chaining$/);
    expect(await assume('second', { by: first, DurationSeconds: 3600 })).toHaveProperty('Credentials');
    expect(await refusal(assume('second', { DurationSeconds: 43_200 }))).toMatch(/^AccessDenied/);
  });

  it('within the role’s longest session', async () => {
    await makeRole('r', trusting({ AWS: account }));
    expect(await refusal(assume('r', { DurationSeconds: 3601 }))).toMatch(/exceeds the MaxSessionDuration/);
    expect(await refusal(assume('r', { DurationSeconds: 60 }))).toMatch(/^ValidationError/);
    expect(await refusal(assume('r', { RoleSessionName: 'a b' }))).toMatch(/^ValidationError/);
    expect(await refusal(assume('r', { TokenCode: '123456' }))).toMatch(/^UnsupportedOperation.*TokenCode/);
  });

  it('never by the root user', async () => {
    await makeRole('r', trusting({ AWS: account }));
    const root = { kind: 'root', account, arn: `arn:aws:iam::${account}:root` } as const;
    expect(await refusal(assume('r', { by: root }))).toBe('AccessDenied: Roles may not be assumed by root accounts.');
  });
});

describe('session policies and tags', () => {
  it('a session policy lowers what the role may', async () => {
    await sandbox.role('r', allow(['iam:GetRole', 'iam:ListRoles']));
    const limited = principalOf(await assume('r', { Policy: policy(allow('iam:ListRoles')) }));
    expect(await sandbox.as(limited, 'iam', 'ListRoles')).toHaveProperty('Roles');
    expect(await refusal(sandbox.as(limited, 'iam', 'GetRole', { RoleName: 'r' }))).toMatch(
      /because no session policy allows the iam:GetRole action/,
    );
    expect(await refusal(assume('r', { Policy: '{}' }))).toMatch(/^MalformedPolicyDocument/);
  });

  it('tags need their own permission, and become the session’s', async () => {
    await makeRole('plain', trusting({ AWS: account }));
    const Tags = [{ Key: 'team', Value: 'photos' }];
    expect(await refusal(assume('plain', { Tags }))).toMatch(/not authorized to perform: sts:TagSession/);
    await makeRole('tagged', trusting({ AWS: account }, { Action: ['sts:AssumeRole', 'sts:TagSession'] }));
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', {
      RoleName: 'tagged',
      PolicyName: 'own',
      PolicyDocument: policy(
        allow('iam:ListRoles', '*', { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'photos' } } }),
      ),
    });
    expect(await sandbox.as(principalOf(await assume('tagged', { Tags })), 'iam', 'ListRoles')).toHaveProperty('Roles');
    expect(await refusal(sandbox.as(principalOf(await assume('tagged')), 'iam', 'ListRoles'))).toMatch(/^AccessDenied/);
  });
});

describe('transitive tags', () => {
  const Tags = [
    { Key: 'team', Value: 'photos' },
    { Key: 'run', Value: '7' },
  ];
  const first = { Tags, TransitiveTagKeys: ['Team'] };
  beforeEach(async () => {
    const open = { Action: ['sts:AssumeRole', 'sts:TagSession'] };
    for (const name of ['one', 'two']) await makeRole(name, trusting({ AWS: account }, open));
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', {
      RoleName: 'one',
      PolicyName: 'own',
      PolicyDocument: policy(allow(['sts:AssumeRole', 'sts:TagSession'], arnOf('two'))),
    });
    const tagged = {
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'photos' }, Null: { 'aws:PrincipalTag/run': true } },
    };
    await sandbox.as(undefined, 'iam', 'PutRolePolicy', {
      RoleName: 'two',
      PolicyName: 'own',
      PolicyDocument: policy(allow('iam:ListRoles', '*', tagged)),
    });
  });

  it('go on to the sessions of roles assumed from there, and the others don’t', async () => {
    const one = principalOf(await assume('one', first));
    const two = principalOf(await assume('two', { by: one }));
    expect(await sandbox.as(two, 'iam', 'ListRoles')).toHaveProperty('Roles');
    const plain = principalOf(await assume('two', { by: principalOf(await assume('one', { Tags })) }));
    expect(await refusal(sandbox.as(plain, 'iam', 'ListRoles'))).toMatch(/^AccessDenied/);
  });

  it('can’t be set again on the way, whatever their case', async () => {
    const one = principalOf(await assume('one', first));
    const again = { by: one, Tags: [{ Key: 'TEAM', Value: 'other' }] };
    expect(await refusal(assume('two', again))).toMatch(/^ValidationError: The tag TEAM can't be set/);
    expect(await refusal(assume('one', { Tags, TransitiveTagKeys: ['city'] }))).toMatch(/city is not among the Tags/);
  });
});

describe('who am I', () => {
  it('is answered to everybody, in every Region', async () => {
    await sandbox.role('r');
    const session = await sandbox.session('r');
    expect(await sandbox.as(session, 'sts', 'GetCallerIdentity', {}, away)).toEqual({
      Account: account,
      Arn: `arn:aws:sts::${account}:assumed-role/r/i-1`,
      UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:i-1$/),
    });
    expect(await sandbox.as(undefined, 'sts', 'GetCallerIdentity')).toMatchObject({
      Arn: `arn:aws:iam::${account}:user/administrator`,
    });
  });
});

describe('session tokens', () => {
  it('carry a user’s own permissions', async () => {
    const assumed = await sandbox.as<Assumed>(undefined, 'sts', 'GetSessionToken', { DurationSeconds: 900 });
    const principal = principalOf(assumed);
    expect(principal).toMatchObject({ kind: 'user', userName: 'administrator' });
    expect(await sandbox.as(principal, 'iam', 'ListRoles')).toHaveProperty('Roles');
    expect(await refusal(sandbox.as(principal, 'sts', 'GetSessionToken'))).toMatch(/^AccessDenied/);
  });
});

describe('long-term credentials', () => {
  it('of the administrator are found, and of users until they are deleted', async () => {
    const { accessKeyId, secretAccessKey } = sandbox.administrator;
    expect(accessKeyId).toMatch(/^AKIA[A-Z0-9]{16}$/);
    expect(credentials(sandbox.core, accessKeyId)).toMatchObject({ secretAccessKey });
    await sandbox.as(undefined, 'iam', 'CreateUser', { UserName: 'ana' });
    const { AccessKey: key } = await sandbox.as<{ AccessKey: { AccessKeyId: string } }>(
      undefined,
      'iam',
      'CreateAccessKey',
      { UserName: 'ana' },
    );
    const known = credentials(sandbox.core, key.AccessKeyId);
    expect(known).toMatchObject({ principal: { kind: 'user', arn: `arn:aws:iam::${account}:user/ana` } });
    await sandbox.as(undefined, 'iam', 'DeleteAccessKey', { UserName: 'ana', AccessKeyId: key.AccessKeyId });
    expect(credentials(sandbox.core, key.AccessKeyId)).toBeUndefined();
  });
});
