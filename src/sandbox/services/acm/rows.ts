/** The certificates ACM keeps, by ARN; times in milliseconds of AWS time. */

import type { CertificateStatus, KeyAlgorithm } from '@aws-sdk/client-acm';
import type { SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

export interface CertificateRow {
  readonly arn: string;
  /** Of which the first is the certificate's subject. */
  readonly domains: readonly string[];
  readonly status: CertificateStatus;
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  readonly keyAlgorithm: KeyAlgorithm;
  readonly createdAt: number;
  readonly issuedAt?: number;
  readonly importedAt?: number;
  /** When all its CNAMEs were found. */
  readonly validatedAt?: number;
  readonly token?: string | undefined;
  readonly transparency: 'ENABLED' | 'DISABLED';
  /** PEM: the key from the beginning, the certificate once it is issued. */
  readonly privateKey: string;
  readonly certificate?: string;
  readonly chain?: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const certificateTable = (core: SandboxCore, region: string): Table<CertificateRow> =>
  core.table('acm', region, 'certificates');

export const certificateArn = (core: SandboxCore, region: string): string =>
  `arn:aws:acm:${region}:${core.account}:certificate/${core.ids.uuid()}`;

/** Throws AWS's error for one that isn't there, in this Region. */
export function certificateNamed(core: SandboxCore, region: string, arn: string | undefined): CertificateRow {
  const row = certificateTable(core, region).get(arn ?? '');
  if (row === undefined) {
    throw new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
  }
  return row;
}
