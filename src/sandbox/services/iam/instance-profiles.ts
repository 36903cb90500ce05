/** Instance profiles: what carries a role into an EC2 instance. */

import type {
  AddRoleToInstanceProfileCommandInput,
  CreateInstanceProfileCommandInput,
  DeleteInstanceProfileCommandInput,
  GetInstanceProfileCommandInput,
  ListInstanceProfilesCommandInput,
  ListInstanceProfilesForRoleCommandInput,
  RemoveRoleFromInstanceProfileCommandInput,
} from '@aws-sdk/client-iam';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { passRole } from '../../iam/pass-role.ts';
import { askOnRole, ownRole, roleOutput, roleRow, taken } from './entities.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity } from './errors.ts';
import { iamArn, pathOf, profileName, roleName } from './names.ts';
import { byName, page } from './pages.ts';
import type { InstanceProfileRow } from './rows.ts';
import { iamTables, uniqueId } from './rows.ts';
import { requestTagKeys, resourceTagKeys, tagList, withTags } from './tags.ts';

export function instanceProfileOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { instanceProfiles } = iamTables(core);
  const profile = (given: string | undefined): InstanceProfileRow => {
    const name = profileName(given);
    const row = instanceProfiles.get(name);
    if (row === undefined) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return row;
  };
  const askOn = (action: string, input: { InstanceProfileName?: string | undefined }, call: Call): Ask => {
    const row = instanceProfiles.get(input.InstanceProfileName ?? '');
    return {
      action: `iam:${action}`,
      resource: row?.arn ?? iamArn(call.account, 'instance-profile', '/', input.InstanceProfileName ?? ''),
      context: resourceTagKeys(row?.tags, 'iam'),
    };
  };
  return {
    CreateInstanceProfile: operation(
      (input: CreateInstanceProfileCommandInput, call) => {
        const [name, path] = [profileName(input.InstanceProfileName), pathOf(input.Path)];
        if (taken(instanceProfiles, name)) throw alreadyExists(`Instance Profile ${name} already exists.`);
        const row = instanceProfiles.put(name, {
          name,
          path,
          id: uniqueId(core, 'AIPA'),
          arn: iamArn(call.account, 'instance-profile', path, name),
          createdAt: core.clock.now(),
          tags: withTags({}, input.Tags),
        });
        return { InstanceProfile: output(core, row) };
      },
      (input, call) => [
        {
          action: 'iam:CreateInstanceProfile',
          resource: iamArn(call.account, 'instance-profile', input.Path ?? '/', input.InstanceProfileName ?? ''),
          context: requestTagKeys(input.Tags),
        },
      ],
    ),
    GetInstanceProfile: operation(
      (input: GetInstanceProfileCommandInput) => ({
        InstanceProfile: output(core, profile(input.InstanceProfileName)),
      }),
      (input, call) => [askOn('GetInstanceProfile', input, call)],
    ),
    DeleteInstanceProfile: operation(
      (input: DeleteInstanceProfileCommandInput) => {
        const row = profile(input.InstanceProfileName);
        if (row.role !== undefined) {
          throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
        }
        instanceProfiles.delete(row.name);
        return {};
      },
      (input, call) => [askOn('DeleteInstanceProfile', input, call)],
    ),
    AddRoleToInstanceProfile: operation(
      (input: AddRoleToInstanceProfileCommandInput) => {
        const [row, role] = [profile(input.InstanceProfileName), ownRole(core, roleName(input.RoleName))];
        if (row.role !== undefined)
          throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
        instanceProfiles.put(row.name, { ...row, role: role.name });
        return {};
      },
      (input, call) => [
        askOn('AddRoleToInstanceProfile', input, call),
        passRole(askOnRole(core, call, 'PassRole', input.RoleName).resource, 'ec2.amazonaws.com'),
      ],
    ),
    RemoveRoleFromInstanceProfile: operation(
      (input: RemoveRoleFromInstanceProfileCommandInput) => {
        const [row, name] = [profile(input.InstanceProfileName), roleName(input.RoleName)];
        if (row.role !== name) throw noSuchEntity(`Role ${name} in Instance Profile ${row.name} cannot be found.`);
        instanceProfiles.put(row.name, { ...row, role: undefined });
        return {};
      },
      (input, call) => [askOn('RemoveRoleFromInstanceProfile', input, call)],
    ),
    ListInstanceProfiles: operation(
      (input: ListInstanceProfilesCommandInput) => {
        const found = byName(instanceProfiles.values()).filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
        const { items, rest } = page(found, input);
        return { InstanceProfiles: items.map((row) => output(core, row)), ...rest };
      },
      (input, call) => [
        {
          action: 'iam:ListInstanceProfiles',
          resource: iamArn(call.account, 'instance-profile', input.PathPrefix ?? '/', ''),
        },
      ],
    ),
    ListInstanceProfilesForRole: operation(
      (input: ListInstanceProfilesForRoleCommandInput) => {
        const { name } = roleRow(core, roleName(input.RoleName));
        const { items, rest } = page(
          instanceProfiles.values().filter((row) => row.role === name),
          input,
        );
        return { InstanceProfiles: items.map((row) => output(core, row)), ...rest };
      },
      (input, call) => [askOnRole(core, call, 'ListInstanceProfilesForRole', input.RoleName)],
    ),
  };
}

function output(core: SandboxCore, row: InstanceProfileRow) {
  const role = iamTables(core).roles.get(row.role ?? '');
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: row.arn,
    CreateDate: new Date(row.createdAt),
    Roles: role === undefined ? [] : [roleOutput(role, false)],
    Tags: tagList(row.tags),
  };
}
