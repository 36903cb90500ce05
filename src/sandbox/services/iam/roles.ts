/** Roles: created, read, changed, tagged and deleted. */

import type {
  CreateRoleCommandInput,
  DeleteRoleCommandInput,
  GetRoleCommandInput,
  ListRolesCommandInput,
  ListRoleTagsCommandInput,
  TagRoleCommandInput,
  UntagRoleCommandInput,
  UpdateAssumeRolePolicyCommandInput,
  UpdateRoleCommandInput,
} from '@aws-sdk/client-iam';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { checkBoundary } from './attachments.ts';
import { trustDocument } from './documents.ts';
import { askOnRole, ownRole, roleOutput, roleRow, taken } from './entities.ts';
import { alreadyExists, deleteConflict, validationError } from './errors.ts';
import { iamArn, pathOf, roleName } from './names.ts';
import { byName, page } from './pages.ts';
import type { RoleRow } from './rows.ts';
import { iamTables, uniqueId } from './rows.ts';
import { requestTagKeys, tagList, withoutTags, withTags } from './tags.ts';

export function roleOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { roles, instanceProfiles } = iamTables(core);
  const ask = (action: string) => (input: { RoleName?: string | undefined }, call: Call) => [
    askOnRole(core, call, action, input.RoleName),
  ];
  const change = (name: string | undefined, to: (row: RoleRow) => Partial<RoleRow>): void => {
    const row = ownRole(core, roleName(name));
    roles.put(row.name, { ...row, ...to(row) });
  };
  return {
    CreateRole: operation(
      (input: CreateRoleCommandInput, call) => ({ Role: roleOutput(createRole(core, input, call), true) }),
      (input, call) => [
        {
          action: 'iam:CreateRole',
          resource: iamArn(call.account, 'role', input.Path ?? '/', input.RoleName ?? ''),
          context: {
            ...(input.PermissionsBoundary === undefined
              ? {}
              : { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
            ...requestTagKeys(input.Tags),
          },
        },
      ],
    ),
    GetRole: operation(
      (input: GetRoleCommandInput) => ({ Role: roleOutput(roleRow(core, roleName(input.RoleName)), true) }),
      ask('GetRole'),
    ),
    ListRoles: operation(
      (input: ListRolesCommandInput) => {
        const found = byName(roles.values()).filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
        const { items, rest } = page(found, input);
        return { Roles: items.map((row) => roleOutput(row, false)), ...rest };
      },
      (input, call) => [
        { action: 'iam:ListRoles', resource: iamArn(call.account, 'role', input.PathPrefix ?? '/', '') },
      ],
    ),
    UpdateRole: operation((input: UpdateRoleCommandInput) => {
      change(input.RoleName, (row) => ({
        description: input.Description ?? row.description,
        maxSessionDuration: sessionDuration(input.MaxSessionDuration ?? row.maxSessionDuration),
      }));
      return {};
    }, ask('UpdateRole')),
    UpdateAssumeRolePolicy: operation((input: UpdateAssumeRolePolicyCommandInput) => {
      change(input.RoleName, () => ({ trust: trustDocument(core, input.PolicyDocument) }));
      return {};
    }, ask('UpdateAssumeRolePolicy')),
    DeleteRole: operation((input: DeleteRoleCommandInput) => {
      const row = ownRole(core, roleName(input.RoleName));
      if (instanceProfiles.values().some(({ role }) => role === row.name)) {
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      }
      if (row.attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
      if (Object.keys(row.inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
      roles.delete(row.name);
      return {};
    }, ask('DeleteRole')),
    TagRole: operation(
      (input: TagRoleCommandInput) => {
        change(input.RoleName, ({ tags }) => ({ tags: withTags(tags, input.Tags) }));
        return {};
      },
      (input, call) => [askOnRole(core, call, 'TagRole', input.RoleName, requestTagKeys(input.Tags))],
    ),
    UntagRole: operation(
      (input: UntagRoleCommandInput) => {
        change(input.RoleName, ({ tags }) => ({ tags: withoutTags(tags, input.TagKeys) }));
        return {};
      },
      (input, call) => [askOnRole(core, call, 'UntagRole', input.RoleName, { 'aws:TagKeys': input.TagKeys ?? [] })],
    ),
    ListRoleTags: operation((input: ListRoleTagsCommandInput) => {
      const { items, rest } = page(tagList(roleRow(core, roleName(input.RoleName)).tags), input);
      return { Tags: items, ...rest };
    }, ask('ListRoleTags')),
  };
}

function createRole(core: SandboxCore, input: CreateRoleCommandInput, call: Call): RoleRow {
  const { roles } = iamTables(core);
  const name = roleName(input.RoleName);
  if (taken(roles, name)) throw alreadyExists(`Role with name ${name} already exists.`);
  if (input.PermissionsBoundary !== undefined) checkBoundary(core, input.PermissionsBoundary);
  const path = pathOf(input.Path);
  return roles.put(name, {
    name,
    path,
    id: uniqueId(core, 'AROA'),
    arn: iamArn(call.account, 'role', path, name),
    createdAt: core.clock.now(),
    tags: withTags({}, input.Tags),
    inline: {},
    attached: [],
    boundary: input.PermissionsBoundary,
    trust: trustDocument(core, input.AssumeRolePolicyDocument),
    description: input.Description,
    maxSessionDuration: sessionDuration(input.MaxSessionDuration ?? 3600),
  });
}

function sessionDuration(seconds: number): number {
  if (seconds < 3600 || seconds > 43_200) {
    throw validationError(
      `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200`,
    );
  }
  return seconds;
}
