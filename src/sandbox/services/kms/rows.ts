/** The rows KMS keeps in each Region: plain JSON, times in milliseconds of AWS time. */

import type { SandboxCore, Table } from '../../contract.ts';

export interface KeyRow {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  /** 32 bytes in base64. They leave this table only as the key of a cipher. */
  readonly material: string;
  readonly description: string;
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  readonly createdAt: number;
  readonly deletionAt?: number | undefined;
  readonly pendingDays?: number | undefined;
  /** JSON text. */
  readonly policy: string;
  readonly rotation?: { readonly days: number; readonly since: number } | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** `AWS` for the keys behind alias/aws/…, which nobody in the account can change. */
  readonly manager: 'CUSTOMER' | 'AWS';
}

export interface AliasRow {
  /** `alias/dev-photos-data` */
  readonly name: string;
  readonly arn: string;
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface GrantRow {
  readonly id: string;
  readonly keyId: string;
  readonly name?: string | undefined;
  /** An ARN, or a service's name. */
  readonly grantee: string;
  readonly retiring?: string | undefined;
  readonly operations: readonly string[];
  readonly contextSubset?: Readonly<Record<string, string>> | undefined;
  readonly contextEquals?: Readonly<Record<string, string>> | undefined;
  readonly createdAt: number;
}

export interface KmsTables {
  readonly keys: Table<KeyRow>;
  readonly aliases: Table<AliasRow>;
  readonly grants: Table<GrantRow>;
}

export function kmsTables(core: SandboxCore, region: string): KmsTables {
  return {
    keys: core.table('kms', region, 'keys'),
    aliases: core.table('kms', region, 'aliases'),
    grants: core.table('kms', region, 'grants'),
  };
}
