/** The certificates a sandbox begins with: those an account has before anything is deployed, under ARNs that a config names. */

import { generateKeyPairSync } from 'node:crypto';
import { usageError } from '../../../kernel/errors.ts';
import type { SandboxCore } from '../../contract.ts';
import { type CertificateRow, certificateTable } from './rows.ts';
import { issued } from './validation.ts';

export interface SeedCertificate {
  /** The names it stands for, its subject first; `*.example.com` for all under one. */
  readonly domains: readonly string[];
}

/** By ARN: `arn:aws:acm:<Region>:<account>:certificate/<id>`. Those of an earlier life stay as they are. */
export function seedCertificates(core: SandboxCore, certificates: Readonly<Record<string, SeedCertificate>>): void {
  let key: string | undefined;
  for (const [arn, { domains }] of Object.entries(certificates)) {
    const region = regionOf(core, arn);
    if (domains.length === 0) throw usageError('A certificate stands for at least one name.', { given: arn });
    const table = certificateTable(core, region);
    if (table.has(arn)) continue;
    // One key for all of them: it costs a tenth of a second to make.
    key ??= newKey();
    const createdAt = core.region(region).clock.now();
    const row: CertificateRow = {
      arn,
      domains: [...new Set(domains)],
      status: 'PENDING_VALIDATION',
      type: 'AMAZON_ISSUED',
      keyAlgorithm: 'RSA_2048',
      createdAt,
      transparency: 'ENABLED',
      privateKey: key,
      tags: {},
    };
    table.put(arn, issued(core, region, row));
  }
}

function regionOf(core: SandboxCore, arn: string): string {
  const region = /^arn:aws:acm:([a-z0-9-]+):\d{12}:certificate\/[\w-]+$/.exec(arn)?.[1];
  if (region !== undefined && core.regions.includes(region)) return region;
  throw usageError('A certificate to begin with has no ARN that this sandbox can have.', {
    given: arn,
    allowed: `arn:aws:acm:REGION:${core.account}:certificate/ID, with one of the Regions ${core.regions.join(', ')}`,
  });
}

const newKey = (): string =>
  String(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }));
