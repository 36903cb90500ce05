/** IAM and STS: roles and what may be done with them, documents that are refused, sessions of roles. */

import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteConflictException,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  EntityAlreadyExistsException,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  PutRolePolicyCommand,
  paginateListRoles,
  waitUntilRoleExists,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect } from 'vitest';
import { contractCase, pagesOf, refused } from '../contract.ts';

const version = { Version: '2012-10-17' };

export const iam = [
  contractCase('a role is made once, read back, and deleted only when it is bare', async (target) => {
    const client = target.client(IAMClient);
    const RoleName = target.name();
    const Statement = [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }];
    const given = { RoleName, Path: '/contract/', AssumeRolePolicyDocument: JSON.stringify({ ...version, Statement }) };
    const { Role } = await client.send(new CreateRoleCommand(given));
    target.after(() => client.send(new DeleteRoleCommand({ RoleName })));
    expect(Role?.Arn).toBe(`arn:aws:iam::${target.account}:role/contract/${RoleName}`);
    await waitUntilRoleExists({ client, ...target.waiting }, { RoleName });
    await refused(client.send(new CreateRoleCommand(given)), EntityAlreadyExistsException, 409);
    const read = await client.send(new GetRoleCommand({ RoleName }));
    expect(JSON.parse(decodeURIComponent(read.Role?.AssumeRolePolicyDocument ?? ''))).toEqual({
      ...version,
      Statement,
    });
    const policy = { RoleName, PolicyName: 'inline' };
    const PolicyDocument = JSON.stringify({
      ...version,
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    });
    await client.send(new PutRolePolicyCommand({ ...policy, PolicyDocument }));
    const inline = await client.send(new GetRolePolicyCommand(policy));
    expect(decodeURIComponent(inline.PolicyDocument ?? '')).toBe(PolicyDocument);
    await refused(client.send(new DeleteRoleCommand({ RoleName })), DeleteConflictException, 409);
    await client.send(new DeleteRolePolicyCommand(policy));
    const pages = await pagesOf(paginateListRoles({ client, pageSize: 1 }, { PathPrefix: '/contract/' }));
    expect(pages.flatMap(({ Roles = [] }) => Roles.map((role) => role.RoleName))).toContain(RoleName);
    expect(Math.max(...pages.map(({ Roles = [] }) => Roles.length))).toBe(1);
  }),

  contractCase('bad input: documents, names, policies that are not there', async (target) => {
    const client = target.client(IAMClient);
    const create = (AssumeRolePolicyDocument: string) =>
      client.send(new CreateRoleCommand({ RoleName: target.name(), AssumeRolePolicyDocument }));
    for (const Statement of [
      { Effect: 'Allow', Action: 'sts:AssumeRole' },
      { Effect: 'Perhaps', Principal: '*', Action: 'sts:AssumeRole' },
      [],
    ]) {
      await refused(create(JSON.stringify({ ...version, Statement })), MalformedPolicyDocumentException, 400);
    }
    await refused(create('{'), MalformedPolicyDocumentException, 400);
    await refused(client.send(new GetRoleCommand({ RoleName: 'pl-contract-none' })), NoSuchEntityException, 404);
    const role = await target.role('ec2.amazonaws.com');
    const RoleName = role.split('/').at(-1) ?? '';
    await refused(
      client.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/NoSuchPolicy' })),
      NoSuchEntityException,
      404,
    );
    const PolicyDocument = JSON.stringify({
      ...version,
      Statement: [{ Effect: 'Allow', Action: 'nothing', Resource: '*' }],
    });
    await refused(
      client.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument })),
      MalformedPolicyDocumentException,
      400,
    );
  }),
];

export const sts = [
  contractCase('who calls is who they are; a role is assumed only by whom it trusts', async (target) => {
    const client = target.client(STSClient);
    const identity = await client.send(new GetCallerIdentityCommand({}));
    expect(identity).toMatchObject({ Account: target.account, Arn: expect.stringContaining(`::${target.account}:`) });
    const RoleArn = await target.role('ec2.amazonaws.com');
    await refused(client.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'contract' })), 'AccessDenied', 403);
    const iamClient = target.client(IAMClient);
    const RoleName = target.name();
    const Statement = [
      { Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${target.account}:root` }, Action: 'sts:AssumeRole' },
    ];
    const { Role } = await iamClient.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify({ ...version, Statement }) }),
    );
    target.after(() => iamClient.send(new DeleteRoleCommand({ RoleName })));
    const session = await target.eventually(() =>
      client.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'contract' })),
    );
    expect(session.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${target.account}:assumed-role/${RoleName}/contract`);
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = session.Credentials ?? {};
    const inside = {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    };
    const as = await target.client(STSClient, inside).send(new GetCallerIdentityCommand({}));
    expect(as.Arn).toBe(session.AssumedRoleUser?.Arn);
    await refused(target.client(IAMClient, inside).send(new GetRoleCommand({ RoleName })), 'AccessDenied', 403);
    const stolen = {
      credentials: { accessKeyId: AccessKeyId, secretAccessKey: 'another', sessionToken: SessionToken },
    };
    await refused(
      target.client(STSClient, stolen).send(new GetCallerIdentityCommand({})),
      'SignatureDoesNotMatch',
      403,
    );
  }),
];
