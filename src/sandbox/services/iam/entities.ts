/** Roles and users as IAM finds, asks about and answers them. */

import type { AttachedPermissionsBoundary, Role, User } from '@aws-sdk/client-iam';
import type { Ask, Call, SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { encoded } from './documents.ts';
import { noSuchEntity } from './errors.ts';
import { iamArn } from './names.ts';
import type { EntityRow, RoleRow, UserRow } from './rows.ts';
import { iamTables } from './rows.ts';
import { resourceTagKeys, tagList } from './tags.ts';

export function roleRow(core: SandboxCore, name: string): RoleRow {
  const row = iamTables(core).roles.get(name);
  if (row === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return row;
}

/** A role that its account may change: not a service-linked one. */
export function ownRole(core: SandboxCore, name: string): RoleRow {
  const row = roleRow(core, name);
  if (row.linkedService !== undefined) {
    throw new AwsError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
    );
  }
  return row;
}

export function userRow(core: SandboxCore, name: string): UserRow {
  const row = iamTables(core).users.get(name);
  if (row === undefined) throw noSuchEntity(`The user with name ${name} cannot be found.`);
  return row;
}

/** Names are unique whatever their case. */
export const taken = (table: Table<{ readonly name: string }>, name: string): boolean =>
  table.values().some((row) => row.name.toLowerCase() === name.toLowerCase());

/** The question about an action on a role, with its tags and boundary as condition keys. */
export function askOnRole(
  core: SandboxCore,
  call: Call,
  action: string,
  name: string | undefined,
  context: Ask['context'] = {},
): Ask {
  return askOn(call, action, 'role', name, iamTables(core).roles.get(name ?? ''), context);
}

export function askOnUser(
  core: SandboxCore,
  call: Call,
  action: string,
  name: string | undefined,
  context: Ask['context'] = {},
): Ask {
  return askOn(call, action, 'user', name, iamTables(core).users.get(name ?? ''), context);
}

function askOn(
  call: Call,
  action: string,
  kind: string,
  name: string | undefined,
  row: EntityRow | undefined,
  context: Ask['context'],
): Ask {
  return {
    action: `iam:${action}`,
    resource: row?.arn ?? iamArn(call.account, kind, '/', name ?? ''),
    context: {
      ...resourceTagKeys(row?.tags, 'iam'),
      ...(row?.boundary === undefined ? {} : { 'iam:PermissionsBoundary': row.boundary }),
      ...context,
    },
  };
}

/** `full` is what Get and Create answer; lists leave out tags and boundary. */
export function roleOutput(row: RoleRow, full: boolean): Role {
  return {
    Path: row.path,
    RoleName: row.name,
    RoleId: row.id,
    Arn: row.arn,
    CreateDate: new Date(row.createdAt),
    AssumeRolePolicyDocument: encoded(row.trust),
    ...(row.description === undefined ? {} : { Description: row.description }),
    MaxSessionDuration: row.maxSessionDuration,
    ...(full ? extras(row) : {}),
  };
}

export function userOutput(row: UserRow, full: boolean): User {
  return {
    Path: row.path,
    UserName: row.name,
    UserId: row.id,
    Arn: row.arn,
    CreateDate: new Date(row.createdAt),
    ...(full ? extras(row) : {}),
  };
}

function extras({ tags, boundary }: EntityRow): {
  Tags?: { Key: string; Value: string }[];
  PermissionsBoundary?: AttachedPermissionsBoundary;
} {
  return {
    ...(Object.keys(tags).length === 0 ? {} : { Tags: tagList(tags) }),
    ...(boundary === undefined
      ? {}
      : {
          PermissionsBoundary: {
            PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
            PermissionsBoundaryArn: boundary,
          },
        }),
  };
}
