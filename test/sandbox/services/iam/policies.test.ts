import type { PolicyVersion } from '@aws-sdk/client-iam';
import { beforeEach, describe, expect, it } from 'vitest';
import type { GuardedSandbox } from './iam-sandbox.ts';
import { account, allow, guardedSandbox, policy, refusal } from './iam-sandbox.ts';

let sandbox: GuardedSandbox;
beforeEach(() => {
  sandbox = guardedSandbox();
});

const iam = <Output = Record<string, unknown>>(operation: string, input: object = {}): Promise<Output> =>
  sandbox.as<Output>(undefined, 'iam', operation, input);

const own = `arn:aws:iam::${account}:policy/app/p`;
const make = (): Promise<unknown> =>
  iam('CreatePolicy', { PolicyName: 'p', Path: '/app/', PolicyDocument: policy(allow('s3:*')) });

describe('inline policies', () => {
  it('are put, read, listed and deleted', async () => {
    await sandbox.role('r');
    const document = policy(allow('s3:Get*', 'arn:aws:s3:::it-s/*'));
    await iam('PutRolePolicy', { RoleName: 'r', PolicyName: 'b', PolicyDocument: document });
    await iam('PutRolePolicy', { RoleName: 'r', PolicyName: 'a', PolicyDocument: document });
    expect(await iam('ListRolePolicies', { RoleName: 'r' })).toEqual({ PolicyNames: ['a', 'b'], IsTruncated: false });
    const got = await iam<{ PolicyDocument: string }>('GetRolePolicy', { RoleName: 'r', PolicyName: 'a' });
    expect(decodeURIComponent(got.PolicyDocument)).toBe(document);
    await iam('DeleteRolePolicy', { RoleName: 'r', PolicyName: 'a' });
    expect(await refusal(iam('GetRolePolicy', { RoleName: 'r', PolicyName: 'a' }))).toMatch(/^NoSuchEntity/);
  });

  it('are refused when malformed, and when too long together', async () => {
    await sandbox.role('r');
    const put = (PolicyDocument: string, PolicyName = 'p') =>
      iam('PutRolePolicy', { RoleName: 'r', PolicyName, PolicyDocument });
    expect(await refusal(put(policy({ Effect: 'Allow', Action: 's3:*' })))).toBe(
      'MalformedPolicyDocument: Policy statement must contain resources. (at Statement[0].Resource)',
    );
    const long = policy(allow('s3:*', `arn:aws:s3:::${'x'.repeat(6000)}`));
    await put(long);
    await put(long);
    expect(await refusal(put(long, 'q'))).toBe('LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r');
  });
});

describe('managed policies', () => {
  it('have versions, of which one counts', async () => {
    await make();
    await iam('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: policy(allow('sqs:*')), SetAsDefault: true });
    const version = async (VersionId: string) =>
      (await iam<{ PolicyVersion: PolicyVersion }>('GetPolicyVersion', { PolicyArn: own, VersionId })).PolicyVersion;
    expect(decodeURIComponent((await version('v2')).Document ?? '')).toBe(policy(allow('sqs:*')));
    expect((await version('v1')).IsDefaultVersion).toBe(false);
    expect(await refusal(iam('DeletePolicyVersion', { PolicyArn: own, VersionId: 'v2' }))).toMatch(/^DeleteConflict/);
    expect(await refusal(iam('DeletePolicy', { PolicyArn: own }))).toMatch(/^DeleteConflict.*more than one version/);
    await iam('DeletePolicyVersion', { PolicyArn: own, VersionId: 'v1' });
    expect(await iam('ListPolicyVersions', { PolicyArn: own })).toMatchObject({ Versions: [{ VersionId: 'v2' }] });
    for (let made = 1; made < 5; made++)
      await iam('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: policy(allow('a:*')) });
    expect(await refusal(iam('CreatePolicyVersion', { PolicyArn: own, PolicyDocument: policy(allow('a:*')) }))).toMatch(
      /^LimitExceeded.*up to 5 versions/,
    );
  });

  it('are attached, listed with their holders, and deleted when nobody holds them', async () => {
    await make();
    await sandbox.role('r');
    await iam('AttachRolePolicy', { RoleName: 'r', PolicyArn: own });
    expect(await iam('ListAttachedRolePolicies', { RoleName: 'r' })).toEqual({
      AttachedPolicies: [{ PolicyName: 'p', PolicyArn: own }],
      IsTruncated: false,
    });
    expect(await iam('ListEntitiesForPolicy', { PolicyArn: own })).toMatchObject({ PolicyRoles: [{ RoleName: 'r' }] });
    expect(await iam('GetPolicy', { PolicyArn: own })).toMatchObject({ Policy: { AttachmentCount: 1, Path: '/app/' } });
    expect(await refusal(iam('DeletePolicy', { PolicyArn: own }))).toMatch(/^DeleteConflict/);
    await iam('DetachRolePolicy', { RoleName: 'r', PolicyArn: own });
    expect(await refusal(iam('DetachRolePolicy', { RoleName: 'r', PolicyArn: own }))).toMatch(/^NoSuchEntity/);
    await iam('DeletePolicy', { PolicyArn: own });
    expect(await refusal(iam('GetPolicy', { PolicyArn: own }))).toMatch(/^NoSuchEntity/);
  });

  it('of AWS are there as they are, and unknown ones are refused', async () => {
    await sandbox.role('r');
    const basic = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    await iam('AttachRolePolicy', { RoleName: 'r', PolicyArn: basic });
    expect(await iam('GetPolicy', { PolicyArn: basic })).toMatchObject({
      Policy: { PolicyName: 'AWSLambdaBasicExecutionRole', Path: '/service-role/', DefaultVersionId: 'v1' },
    });
    expect(await refusal(iam('AttachRolePolicy', { RoleName: 'r', PolicyArn: 'arn:aws:iam::aws:policy/NoSuch' }))).toBe(
      'NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuch does not exist or is not attachable.',
    );
    expect(await refusal(iam('CreatePolicyVersion', { PolicyArn: basic, PolicyDocument: policy(allow('*')) }))).toMatch(
      /^AccessDenied/,
    );
  });

  it('are at most ten to a role', async () => {
    await sandbox.role('r');
    const attach = async (index: number) => {
      await iam('CreatePolicy', { PolicyName: `p${index}`, PolicyDocument: policy(allow('s3:*')) });
      await iam('AttachRolePolicy', { RoleName: 'r', PolicyArn: `arn:aws:iam::${account}:policy/p${index}` });
    };
    for (let index = 0; index < 10; index++) await attach(index);
    expect(await refusal(attach(10))).toBe('LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10');
  });
});
