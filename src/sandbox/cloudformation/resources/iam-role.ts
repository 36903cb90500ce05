/** AWS::IAM::Role and InstanceProfile. */

import type { CreateInstanceProfileCommandOutput, CreateRoleCommandOutput } from '@aws-sdk/client-iam';
import type { JsonObject } from '../json.ts';
import { asText, sameJson } from '../json.ts';
import { unlessGone } from '../resource-context.ts';
import type { ResourceContext, ResourceType } from '../resource-type.ts';
import { listOf, objectOf, textOf } from '../resource-type.ts';
import { difference, pick } from './pick.ts';
import { syncTags, tagList } from './tags.ts';

export const role: ResourceType = {
  name: 'AWS::IAM::Role',
  properties: {
    AssumeRolePolicyDocument: 'update',
    Description: 'update',
    ManagedPolicyArns: 'update',
    MaxSessionDuration: 'update',
    Path: 'replace',
    PermissionsBoundary: 'update',
    Policies: 'update',
    RoleName: 'replace',
    Tags: 'update',
  },
  required: ['AssumeRolePolicyDocument'],
  attributes: ['Arn', 'RoleId'],
  nameProperty: 'RoleName',
  tags: 'list',
  async create(properties, context) {
    const id = textOf(properties.RoleName) ?? context.physicalName(64);
    const tags = tagList(properties.Tags);
    const answer = await context.call<CreateRoleCommandOutput>('iam', 'CreateRole', {
      RoleName: id,
      ...pick(properties, [
        'AssumeRolePolicyDocument',
        'Description',
        'MaxSessionDuration',
        'Path',
        'PermissionsBoundary',
      ]),
      Tags: tags.length > 0 ? tags : undefined,
    });
    const { Arn = '', RoleId = '' } = answer.Role ?? {};
    context.created(id, { Arn, RoleId });
    await syncPolicies(id, {}, properties, context);
    return { id };
  },
  async update(change, context) {
    const { changed, id: RoleName, previous, properties } = change;
    if (changed.has('AssumeRolePolicyDocument')) {
      const PolicyDocument = properties.AssumeRolePolicyDocument;
      await context.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    }
    if (changed.has('Description') || changed.has('MaxSessionDuration')) {
      const { Description = '', MaxSessionDuration = 3600 } = properties;
      await context.call('iam', 'UpdateRole', { RoleName, Description, MaxSessionDuration });
    }
    if (changed.has('PermissionsBoundary')) {
      const { PermissionsBoundary } = properties;
      if (PermissionsBoundary === undefined) await context.call('iam', 'DeleteRolePermissionsBoundary', { RoleName });
      else await context.call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    }
    await syncPolicies(RoleName, previous, properties, context);
    await syncTags(change, {
      add: (Tags) => context.call('iam', 'TagRole', { RoleName, Tags }),
      remove: (TagKeys) => context.call('iam', 'UntagRole', { RoleName, TagKeys }),
    });
    return undefined;
  },
  async delete({ id, properties }, context) {
    await syncPolicies(id, properties, {}, context);
    await unlessGone(context.call('iam', 'DeleteRole', { RoleName: id }));
  },
};

async function syncPolicies(RoleName: string, before: JsonObject, now: JsonObject, { call }: ResourceContext) {
  const arns = (source: JsonObject) => listOf(source.ManagedPolicyArns).map(String);
  const inline = (source: JsonObject) =>
    new Map(
      listOf(source.Policies)
        .map(objectOf)
        .map(({ PolicyName, PolicyDocument }) => [asText(PolicyName), PolicyDocument]),
    );
  const { added, removed } = difference(arns(before), arns(now));
  for (const PolicyArn of removed) await unlessGone(call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
  for (const PolicyArn of added) await call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  const [inlineBefore, inlineNow] = [inline(before), inline(now)];
  for (const PolicyName of inlineBefore.keys()) {
    if (!inlineNow.has(PolicyName)) await unlessGone(call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
  }
  for (const [PolicyName, PolicyDocument] of inlineNow) {
    if (inlineBefore.has(PolicyName) && sameJson(inlineBefore.get(PolicyName), PolicyDocument)) continue;
    await call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument });
  }
}

export const instanceProfile: ResourceType = {
  name: 'AWS::IAM::InstanceProfile',
  properties: { InstanceProfileName: 'replace', Path: 'replace', Roles: 'update' },
  required: ['Roles'],
  attributes: ['Arn'],
  nameProperty: 'InstanceProfileName',
  async create(properties, context) {
    const id = textOf(properties.InstanceProfileName) ?? context.physicalName(128);
    const answer = await context.call<CreateInstanceProfileCommandOutput>('iam', 'CreateInstanceProfile', {
      InstanceProfileName: id,
      ...pick(properties, ['Path']),
    });
    context.created(id);
    await syncRoles(id, {}, properties, context);
    return { id, attributes: { Arn: answer.InstanceProfile?.Arn ?? '' } };
  },
  async update({ id, previous, properties }, context) {
    await syncRoles(id, previous, properties, context);
    return undefined;
  },
  async delete({ id, properties }, context) {
    await syncRoles(id, properties, {}, context);
    await unlessGone(context.call('iam', 'DeleteInstanceProfile', { InstanceProfileName: id }));
  },
};

async function syncRoles(InstanceProfileName: string, before: JsonObject, now: JsonObject, { call }: ResourceContext) {
  const names = (source: JsonObject) => listOf(source.Roles).map(String);
  const { added, removed } = difference(names(before), names(now));
  for (const RoleName of removed) {
    await unlessGone(call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }));
  }
  for (const RoleName of added) await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
}
