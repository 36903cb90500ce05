/**
 * The security policies of HTTPS listeners, and which versions of TLS each lets in. Of ciphers, Node's own choice stands for all.
 * Source: Application Load Balancers, "Security policies"; the names also in aws-cdk-lib's `SslPolicy`.
 */

import { AwsError } from '../../contract.ts';

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface TlsVersions {
  readonly least: TlsVersion;
  readonly most: TlsVersion;
}

/** What a listener has that was made without one, by API or CloudFormation. */
export const defaultPolicy = 'ELBSecurityPolicy-2016-08';

const older: Readonly<Record<string, TlsVersion>> = {
  '2016-08': 'TLSv1',
  'FS-1-1-2019-08': 'TLSv1.1',
  'FS-1-2-2019-08': 'TLSv1.2',
  'FS-1-2-Res-2019-08': 'TLSv1.2',
  'FS-1-2-Res-2020-10': 'TLSv1.2',
  'FS-2018-06': 'TLSv1',
  'TLS-1-0-2015-04': 'TLSv1',
  'TLS-1-1-2017-01': 'TLSv1.1',
  'TLS-1-2-2017-01': 'TLSv1.2',
  'TLS-1-2-Ext-2018-06': 'TLSv1.2',
};

/** With TLS 1.3: the least version, then the year of each variant. */
const newer: readonly (readonly [version: string, least: TlsVersion, variants: readonly string[]])[] = [
  ['1-0', 'TLSv1', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-1', 'TLSv1.1', ['2021-06', 'FIPS-2023-04']],
  ['1-2', 'TLSv1.2', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-2-Res', 'TLSv1.2', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-2-Ext0', 'TLSv1.2', ['FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-2-Ext1', 'TLSv1.2', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-2-Ext2', 'TLSv1.2', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
  ['1-3', 'TLSv1.3', ['2021-06', 'PQ-2025-09', 'FIPS-2023-04', 'FIPS-PQ-2025-09']],
];

const policies: ReadonlyMap<string, TlsVersions> = new Map([
  ...Object.entries(older).map(([name, least]): [string, TlsVersions] => [named(name), { least, most: 'TLSv1.2' }]),
  ...newer.flatMap(([version, least, variants]) =>
    variants.map((variant): [string, TlsVersions] => [
      named(`TLS13-${version}-${variant}`),
      { least, most: 'TLSv1.3' },
    ]),
  ),
]);

/** Throws AWS's error for a name it doesn't have. */
export function versionsOf(policy: string): TlsVersions {
  const found = policies.get(policy);
  if (found === undefined) throw new AwsError('SSLPolicyNotFound', `SSL policy '${policy}' not found`);
  return found;
}

function named(name: string): string {
  return `ELBSecurityPolicy-${name}`;
}
