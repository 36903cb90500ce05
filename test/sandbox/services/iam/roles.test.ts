import type { InstanceProfile, Role } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GuardedSandbox } from './iam-sandbox.ts';
import { account, allow, away, guardedSandbox, home, policy, refusal, trusting } from './iam-sandbox.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox();
});

const iam = <Output = Record<string, unknown>>(operation: string, input: object = {}): Promise<Output> =>
  sandbox.as<Output>(undefined, 'iam', operation, input);

describe('roles', () => {
  it('are answered as they were made, with the trust policy percent-encoded', async () => {
    const trust = trusting({ Service: 'lambda.amazonaws.com' });
    await iam('CreateRole', {
      RoleName: 'fn',
      Path: '/app/',
      Description: 'runs it',
      MaxSessionDuration: 7200,
      AssumeRolePolicyDocument: trust,
      Tags: [{ Key: 'team', Value: 'photos' }],
    });
    const { Role: role } = await iam<{ Role: Role }>('GetRole', { RoleName: 'fn' });
    expect(role).toMatchObject({
      Arn: `arn:aws:iam::${account}:role/app/fn`,
      Path: '/app/',
      Description: 'runs it',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'team', Value: 'photos' }],
      CreateDate: new Date(sandbox.clock.now()),
    });
    expect(role.RoleId).toMatch(/^AROA[A-Z0-9]{17}$/);
    expect(role.AssumeRolePolicyDocument).not.toContain('"');
    expect(decodeURIComponent(role.AssumeRolePolicyDocument ?? '')).toBe(trust);
  });

  it('refuse what AWS refuses', async () => {
    const create = (input: object) =>
      refusal(iam('CreateRole', { RoleName: 'r', AssumeRolePolicyDocument: trusting({ AWS: account }), ...input }));
    expect(await create({ AssumeRolePolicyDocument: policy(allow('sts:AssumeRole')) })).toMatch(
      /^MalformedPolicyDocument: Has prohibited field Resource\. \(at Statement\[0\]\.Resource\)/,
    );
    expect(await create({ AssumeRolePolicyDocument: trusting({ AWS: `arn:aws:iam::${account}:role/nobody` }) })).toBe(
      `MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::${account}:role/nobody"`,
    );
    expect(await create({ RoleName: 'x'.repeat(65) })).toMatch(/^ValidationError/);
    expect(await create({ MaxSessionDuration: 600 })).toMatch(/^ValidationError/);
    expect(await create({ PermissionsBoundary: `arn:aws:iam::${account}:policy/none` })).toMatch(/^NoSuchEntity/);
    await sandbox.role('r');
    expect(await create({ RoleName: 'R' })).toMatch(/^EntityAlreadyExists/);
    expect(await refusal(iam('GetRole', { RoleName: 'none' }))).toBe(
      'NoSuchEntity: The role with name none cannot be found.',
    );
  });

  it('can be deleted only when bare', async () => {
    await sandbox.role('r', allow('s3:*'));
    expect(await refusal(iam('DeleteRole', { RoleName: 'r' }))).toMatch(/^DeleteConflict.*delete policies first/);
    await iam('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'own' });
    await iam('DeleteRole', { RoleName: 'r' });
    expect(await refusal(iam('GetRole', { RoleName: 'r' }))).toMatch(/^NoSuchEntity/);
  });

  it('are tagged, untagged and updated', async () => {
    await sandbox.role('r');
    await iam('TagRole', {
      RoleName: 'r',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: '2' },
      ],
    });
    await iam('UntagRole', { RoleName: 'r', TagKeys: ['a'] });
    expect(await iam('ListRoleTags', { RoleName: 'r' })).toEqual({
      Tags: [{ Key: 'b', Value: '2' }],
      IsTruncated: false,
    });
    await iam('UpdateRole', { RoleName: 'r', Description: 'new', MaxSessionDuration: 3600 });
    await iam('UpdateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: trusting({ Service: 'ec2.amazonaws.com' }) });
    const { Role: role } = await iam<{ Role: Role }>('GetRole', { RoleName: 'r' });
    expect(role.Description).toBe('new');
    expect(decodeURIComponent(role.AssumeRolePolicyDocument ?? '')).not.toContain(account);
  });

  it('are listed in pages, by name', async () => {
    for (const name of ['c', 'a', 'b']) await sandbox.role(name);
    const first = await iam<{ Roles: Role[]; Marker: string }>('ListRoles', { MaxItems: 2 });
    expect(first.Roles.map(({ RoleName }) => RoleName)).toEqual(['a', 'b']);
    const rest = await iam<{ Roles: Role[]; IsTruncated: boolean }>('ListRoles', { Marker: first.Marker });
    expect(rest.Roles.map(({ RoleName }) => RoleName)).toEqual(['c']);
    expect(rest.IsTruncated).toBe(false);
  });

  it('made for a service are changed by nobody else', async () => {
    const { Role: role } = await iam<{ Role: Role }>('CreateServiceLinkedRole', {
      AWSServiceName: 'autoscaling.amazonaws.com',
    });
    expect(role.Arn).toBe(
      `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    );
    const put = { RoleName: role.RoleName, PolicyName: 'p', PolicyDocument: policy(allow('*')) };
    expect(await refusal(iam('PutRolePolicy', put))).toMatch(/^UnmodifiableEntity/);
    expect(await refusal(iam('CreateServiceLinkedRole', { AWSServiceName: 'autoscaling.amazonaws.com' }))).toMatch(
      /^InvalidInput: Service role name AWSServiceRoleForAutoScaling has been taken/,
    );
    expect(await refusal(iam('CreateServiceLinkedRole', { AWSServiceName: 'x.amazonaws.com' }))).toMatch(
      /^InvalidInput/,
    );
  });
});

describe('instance profiles', () => {
  it('carry one role', async () => {
    await sandbox.role('web');
    await sandbox.role('other');
    await iam('CreateInstanceProfile', { InstanceProfileName: 'p' });
    await iam('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'web' });
    const { InstanceProfile: profile } = await iam<{ InstanceProfile: InstanceProfile }>('GetInstanceProfile', {
      InstanceProfileName: 'p',
    });
    expect(profile.Arn).toBe(`arn:aws:iam::${account}:instance-profile/p`);
    expect(profile.Roles?.map(({ RoleName }) => RoleName)).toEqual(['web']);
    expect(await refusal(iam('AddRoleToInstanceProfile', { InstanceProfileName: 'p', RoleName: 'other' }))).toMatch(
      /^LimitExceeded/,
    );
    expect(await refusal(iam('DeleteInstanceProfile', { InstanceProfileName: 'p' }))).toMatch(/^DeleteConflict/);
    expect(await refusal(iam('DeleteRole', { RoleName: 'web' }))).toMatch(/^DeleteConflict.*instance profile/);
    expect(await iam('ListInstanceProfilesForRole', { RoleName: 'web' })).toMatchObject({
      InstanceProfiles: [{ InstanceProfileName: 'p' }],
    });
    await iam('RemoveRoleFromInstanceProfile', { InstanceProfileName: 'p', RoleName: 'web' });
    await iam('DeleteInstanceProfile', { InstanceProfileName: 'p' });
    expect(await refusal(iam('GetInstanceProfile', { InstanceProfileName: 'p' }))).toMatch(/^NoSuchEntity/);
  });
});

describe('the control plane', () => {
  it('stands in us-east-1: without it roles can be used and not changed', async () => {
    await sandbox.role('web', allow('iam:GetRole'));
    const web = await sandbox.session('web');
    sandbox.setDark(home, true);
    expect(await refusal(sandbox.as(web, 'iam', 'GetRole', { RoleName: 'web' }, away))).toMatch(/^ServiceUnavailable/);
    expect(await sandbox.as(web, 'sts', 'GetCallerIdentity', {}, away)).toMatchObject({ Arn: web.arn });
    expect(await refusal(sandbox.as(web, 'iam', 'DeleteRole', { RoleName: 'web' }, away))).toMatch(/^AccessDenied/);
  });
});
