/** AWS::IAM::Policy (inline, on roles) and ManagedPolicy. */

import type { CreatePolicyCommandOutput, ListPolicyVersionsCommandOutput } from '@aws-sdk/client-iam';
import type { JsonObject } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, textOf } from '../resource-type.ts';
import { difference, pick } from './pick.ts';

const rolesOf = (properties: JsonObject): string[] => listOf(properties.Roles).map(String);

export const policy: ResourceType = {
  name: 'AWS::IAM::Policy',
  properties: { PolicyDocument: 'update', PolicyName: 'update', Roles: 'update' },
  required: ['PolicyDocument', 'PolicyName', 'Roles'],
  attributes: ['Id'],
  async create(properties, context) {
    await putOnRoles(properties, context);
    const id = textOf(properties.PolicyName) ?? '';
    return { id, attributes: { Id: id } };
  },
  async update({ changed, previous, properties }, context) {
    const stale = changed.has('PolicyName')
      ? rolesOf(previous)
      : difference(rolesOf(previous), rolesOf(properties)).removed;
    await putOnRoles(properties, context);
    await removeFromRoles(stale, previous, context);
    const id = textOf(properties.PolicyName) ?? '';
    return { id, attributes: { Id: id } };
  },
  async delete({ properties }, context) {
    await removeFromRoles(rolesOf(properties), properties, context);
  },
};

async function putOnRoles(properties: JsonObject, { call }: ResourceContext): Promise<void> {
  const { PolicyDocument, PolicyName } = properties;
  for (const RoleName of rolesOf(properties))
    await call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument });
}

async function removeFromRoles(roles: readonly string[], { PolicyName }: JsonObject, { call }: ResourceContext) {
  for (const RoleName of roles) await unlessGone(call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
}

export const managedPolicy: ResourceType = {
  name: 'AWS::IAM::ManagedPolicy',
  properties: {
    Description: 'replace',
    ManagedPolicyName: 'replace',
    Path: 'replace',
    PolicyDocument: 'update',
    Roles: 'update',
  },
  required: ['PolicyDocument'],
  attributes: ['PolicyArn'],
  nameProperty: 'ManagedPolicyName',
  async create(properties, context) {
    const answer = await context.call<CreatePolicyCommandOutput>('iam', 'CreatePolicy', {
      PolicyName: textOf(properties.ManagedPolicyName) ?? context.physicalName(128),
      ...pick(properties, ['Description', 'Path', 'PolicyDocument']),
    });
    const id = answer.Policy?.Arn ?? '';
    context.created(id);
    await attach(id, rolesOf(properties), context);
    return { id, attributes: { PolicyArn: id } };
  },
  async update({ changed, id: PolicyArn, previous, properties }, context) {
    if (changed.has('PolicyDocument')) {
      // A policy has at most five versions: the old ones make room.
      await deleteOldVersions(PolicyArn, context);
      const { PolicyDocument } = properties;
      await context.call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
    }
    const { added, removed } = difference(rolesOf(previous), rolesOf(properties));
    await attach(PolicyArn, added, context);
    await detach(PolicyArn, removed, context);
    return undefined;
  },
  async delete({ id: PolicyArn, properties }, context) {
    await detach(PolicyArn, rolesOf(properties), context);
    await unlessGone(deleteOldVersions(PolicyArn, context));
    await unlessGone(context.call('iam', 'DeletePolicy', { PolicyArn }));
  },
};

async function deleteOldVersions(PolicyArn: string, { call }: ResourceContext): Promise<void> {
  const answer = await call<ListPolicyVersionsCommandOutput>('iam', 'ListPolicyVersions', { PolicyArn });
  for (const { IsDefaultVersion, VersionId } of answer.Versions ?? []) {
    if (IsDefaultVersion !== true) await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
  }
}

async function attach(PolicyArn: string, roles: readonly string[], { call }: ResourceContext): Promise<void> {
  for (const RoleName of roles) await call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
}

async function detach(PolicyArn: string, roles: readonly string[], { call }: ResourceContext): Promise<void> {
  for (const RoleName of roles) await unlessGone(call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
}
