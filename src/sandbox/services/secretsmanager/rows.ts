/** The rows Secrets Manager keeps in each Region: plain JSON, times in milliseconds of AWS time. */

import type { SandboxCore, Table } from '../../contract.ts';

export interface SecretRow {
  readonly name: string;
  /** The name and six characters more; a replica's differs from its primary's in the Region only. */
  readonly arn: string;
  readonly description?: string | undefined;
  /** As it was given; without one, alias/aws/secretsmanager. */
  readonly kmsKeyId?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string | undefined;
  readonly versions: Readonly<Record<string, VersionRow>>;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly accessedAt?: number | undefined;
  /** When deletion was asked for, and when it happens. */
  readonly deletedAt?: number | undefined;
  readonly deletionAt?: number | undefined;
  /** The Region of the primary: its own for a primary with replicas, another's for a replica. */
  readonly primaryRegion?: string | undefined;
  readonly replicas: readonly ReplicaRow[];
}

export interface VersionRow {
  readonly id: string;
  readonly stages: readonly string[];
  readonly kind: 'text' | 'binary';
  readonly sealed: Sealed;
  readonly createdAt: number;
}

/** A value under a data key, which is under the KMS key; all in base64. */
export interface Sealed {
  readonly dataKey: string;
  readonly iv: string;
  readonly tag: string;
  readonly data: string;
}

export interface ReplicaRow {
  readonly region: string;
  readonly kmsKeyId?: string | undefined;
  readonly status: 'InSync' | 'InProgress' | 'Failed';
  readonly message?: string | undefined;
  /** Whether a secret of the same name that is there already gives way. */
  readonly overwrite: boolean;
}

export const secrets = (core: SandboxCore, region: string): Table<SecretRow> =>
  core.table('secretsmanager', region, 'secrets');
