/** The rows IAM keeps, all in the global scope: plain JSON, times in milliseconds of AWS time. */

import type { SandboxCore, Table } from '../../contract.ts';
import { globalScope } from '../../contract.ts';

/** What users and roles have in common: a name, tags, and the policies that say what they may. */
export interface EntityRow {
  readonly name: string;
  readonly path: string;
  /** `AROA…` or `AIDA…` */
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Inline policies by name, as JSON text. */
  readonly inline: Readonly<Record<string, string>>;
  /** The ARNs of attached managed policies. */
  readonly attached: readonly string[];
  /** The ARN of the managed policy that is the permissions boundary. */
  readonly boundary?: string | undefined;
}

export interface RoleRow extends EntityRow {
  /** The trust policy, as JSON text. */
  readonly trust: string;
  readonly description?: string | undefined;
  /** Seconds. */
  readonly maxSessionDuration: number;
  /** The service a service-linked role belongs to: nobody else may change it. */
  readonly linkedService?: string | undefined;
}

export type UserRow = EntityRow;

export interface PolicyRow {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: readonly PolicyVersionRow[];
  readonly defaultVersion: string;
  readonly nextVersion: number;
}

export interface PolicyVersionRow {
  /** `v1` */
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

export interface InstanceProfileRow {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The name of its role; AWS allows one. */
  readonly role?: string | undefined;
}

export interface AccessKeyRow {
  readonly id: string;
  readonly secret: string;
  readonly userName: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface IamTables {
  readonly roles: Table<RoleRow>;
  readonly users: Table<UserRow>;
  /** Customer-managed policies, by ARN. */
  readonly policies: Table<PolicyRow>;
  readonly instanceProfiles: Table<InstanceProfileRow>;
  readonly accessKeys: Table<AccessKeyRow>;
}

export function iamTables(core: SandboxCore): IamTables {
  return {
    roles: core.table('iam', globalScope, 'roles'),
    users: core.table('iam', globalScope, 'users'),
    policies: core.table('iam', globalScope, 'policies'),
    instanceProfiles: core.table('iam', globalScope, 'instance-profiles'),
    accessKeys: core.table('iam', globalScope, 'access-keys'),
  };
}

/** An id of IAM's form: a prefix that says what it is, and capitals and digits. */
export const uniqueId = (core: SandboxCore, prefix: string, length = 17): string =>
  prefix + core.ids.hex(length).toUpperCase();
