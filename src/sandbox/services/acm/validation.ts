/**
 * DNS validation: each name of a certificate has a CNAME, always the same one in an account, that has to stand in the public DNS. ACM looks
 * again and again for three days; once all stand, the certificate is issued.
 *
 * Source: ACM User Guide, "AWS Certificate Manager DNS validation".
 */

import { createHash } from 'node:crypto';
import type { ResourceRecord } from '@aws-sdk/client-acm';
import { issue, trustInside } from '../../certificates/authority.ts';
import { outside, type SandboxCore } from '../../contract.ts';
import { publicKeyOf } from './keys.ts';
import { type CertificateRow, certificateTable } from './rows.ts';

/** Milliseconds of AWS time between two looks. An estimate. */
const lookInterval = 30_000;
const patience = 72 * 3_600_000;

/** The record that proves a name: a wildcard's is that of the name under it. */
export function validationRecord(core: SandboxCore, domain: string): ResourceRecord {
  const name = domain.toLowerCase().replace(/^\*\./, '');
  const digest = createHash('sha256').update(`${core.account} ${name}`).digest('hex');
  const letters = digest.slice(54).replace(/\d/g, (digit) => String.fromCharCode(103 + Number(digit)));
  return {
    Name: `_${digest.slice(0, 32)}.${name}.`,
    Type: 'CNAME',
    Value: `_${createHash('md5').update(digest).digest('hex')}.${letters}.acm-validations.aws.`,
  };
}

/** Whether the name's CNAME is answered by the public DNS. */
export function isValidated(core: SandboxCore, domain: string): boolean {
  const { Name = '', Value = '' } = validationRecord(core, domain);
  const values = core.network.resolve(Name.slice(0, -1), 'CNAME', outside)?.values ?? [];
  return values.some((value) => value.replace(/\.?$/, '.').toLowerCase() === Value);
}

/** Goes on looking until the certificate is issued, gone or out of time. Also for one that an earlier life left pending. */
export function awaitValidation(core: SandboxCore, region: string, arn: string): void {
  const { clock } = core.region(region);
  const table = certificateTable(core, region);
  const row = table.get(arn);
  if (row?.status !== 'PENDING_VALIDATION') return;
  if (row.validatedAt !== undefined) {
    const due = row.validatedAt + core.timing.milliseconds('acm_dns_validation');
    clock.after(Math.max(0, due - clock.now()), () => void table.update(arn, (now) => issued(core, region, now)));
    return;
  }
  if (row.domains.every((domain) => isValidated(core, domain))) {
    table.put(arn, { ...row, validatedAt: clock.now() });
    awaitValidation(core, region, arn);
    return;
  }
  clock.after(lookInterval, () => {
    if (clock.now() - row.createdAt < patience) awaitValidation(core, region, arn);
    else table.update(arn, (now) => ({ ...now, status: 'VALIDATION_TIMED_OUT' }));
  });
}

/** The row with its certificate made. */
export function issued(core: SandboxCore, region: string, row: CertificateRow): CertificateRow {
  const certificate = issue(core, row.domains, publicKeyOf(row.privateKey));
  trustInside(core);
  return { ...row, status: 'ISSUED', issuedAt: core.region(region).clock.now(), certificate };
}
