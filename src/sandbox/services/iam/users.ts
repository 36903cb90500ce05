/** Users and their access keys: as much as it takes to call with less than an administrator's permissions. */

import type {
  CreateAccessKeyCommandInput,
  CreateUserCommandInput,
  DeleteAccessKeyCommandInput,
  DeleteUserCommandInput,
  GetUserCommandInput,
  ListAccessKeysCommandInput,
  ListUsersCommandInput,
} from '@aws-sdk/client-iam';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { checkBoundary } from './attachments.ts';
import { askOnUser, taken, userOutput, userRow } from './entities.ts';
import { alreadyExists, deleteConflict, limitExceeded, noSuchEntity, required, validationError } from './errors.ts';
import { iamArn, pathOf, userName } from './names.ts';
import { byName, page } from './pages.ts';
import type { AccessKeyRow, UserRow } from './rows.ts';
import { iamTables, uniqueId } from './rows.ts';
import { requestTagKeys, withTags } from './tags.ts';

export function userOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { users, accessKeys } = iamTables(core);
  const ask = (action: string) => (input: { UserName?: string | undefined }, call: Call) => [
    askOnUser(core, call, action, nameIn(input, call)),
  ];
  const keysOf = (name: string): AccessKeyRow[] => accessKeys.values().filter((key) => key.userName === name);
  return {
    CreateUser: operation(
      (input: CreateUserCommandInput, call) => ({ User: userOutput(createUser(core, input, call), true) }),
      (input, call) => [
        {
          action: 'iam:CreateUser',
          resource: iamArn(call.account, 'user', input.Path ?? '/', input.UserName ?? ''),
          context: {
            ...(input.PermissionsBoundary === undefined
              ? {}
              : { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
            ...requestTagKeys(input.Tags),
          },
        },
      ],
    ),
    GetUser: operation(
      (input: GetUserCommandInput, call) => ({ User: userOutput(userRow(core, userName(nameIn(input, call))), true) }),
      ask('GetUser'),
    ),
    ListUsers: operation(
      (input: ListUsersCommandInput) => {
        const found = byName(users.values()).filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
        const { items, rest } = page(found, input);
        return { Users: items.map((row) => userOutput(row, false)), ...rest };
      },
      (input, call) => [
        { action: 'iam:ListUsers', resource: iamArn(call.account, 'user', input.PathPrefix ?? '/', '') },
      ],
    ),
    DeleteUser: operation((input: DeleteUserCommandInput) => {
      const row = userRow(core, userName(input.UserName));
      if (keysOf(row.name).length > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
      if (row.attached.length > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
      if (Object.keys(row.inline).length > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
      users.delete(row.name);
      return {};
    }, ask('DeleteUser')),
    CreateAccessKey: operation((input: CreateAccessKeyCommandInput, call) => {
      const { name } = userRow(core, userName(nameIn(input, call)));
      if (keysOf(name).length >= 2) throw limitExceeded('Cannot exceed quota for AccessKeysPerUser: 2');
      const key = putAccessKey(core, name);
      return { AccessKey: { ...keyOutput(key), SecretAccessKey: key.secret } };
    }, ask('CreateAccessKey')),
    DeleteAccessKey: operation((input: DeleteAccessKeyCommandInput, call) => {
      const { name } = userRow(core, userName(nameIn(input, call)));
      const id = required(input.AccessKeyId, 'accessKeyId');
      if (accessKeys.get(id)?.userName !== name) throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
      accessKeys.delete(id);
      return {};
    }, ask('DeleteAccessKey')),
    ListAccessKeys: operation((input: ListAccessKeysCommandInput, call) => {
      const { items, rest } = page(keysOf(userRow(core, userName(nameIn(input, call))).name), input);
      return { AccessKeyMetadata: items.map(keyOutput), ...rest };
    }, ask('ListAccessKeys')),
  };
}

export function putAccessKey(core: SandboxCore, name: string): AccessKeyRow {
  const id = uniqueId(core, 'AKIA', 16);
  return iamTables(core).accessKeys.put(id, {
    id,
    secret: core.ids.hex(40),
    userName: name,
    active: true,
    createdAt: core.clock.now(),
  });
}

function createUser(core: SandboxCore, input: CreateUserCommandInput, call: Call): UserRow {
  const { users } = iamTables(core);
  const [name, path] = [userName(input.UserName), pathOf(input.Path)];
  if (taken(users, name)) throw alreadyExists(`User with name ${name} already exists.`);
  if (input.PermissionsBoundary !== undefined) checkBoundary(core, input.PermissionsBoundary);
  return users.put(name, {
    name,
    path,
    id: uniqueId(core, 'AIDA'),
    arn: iamArn(call.account, 'user', path, name),
    createdAt: core.clock.now(),
    tags: withTags({}, input.Tags),
    inline: {},
    attached: [],
    boundary: input.PermissionsBoundary,
  });
}

/** Without a name, the calling user is meant. */
function nameIn({ UserName }: { UserName?: string | undefined }, { principal }: Call): string {
  if (UserName !== undefined) return UserName;
  if (principal.kind !== 'user') throw validationError('Must specify userName when calling with non-User credentials');
  return principal.userName;
}

const keyOutput = (key: AccessKeyRow) => ({
  UserName: key.userName,
  AccessKeyId: key.id,
  Status: key.active ? ('Active' as const) : ('Inactive' as const),
  CreateDate: new Date(key.createdAt),
});
