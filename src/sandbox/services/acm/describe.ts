/** A certificate as ACM describes it. What is in it is read from the certificate itself. */

import { X509Certificate } from 'node:crypto';
import type { CertificateDetail, CertificateSummary, KeyAlgorithm } from '@aws-sdk/client-acm';
import type { SandboxCore } from '../../contract.ts';
import { balancingTables } from '../elasticloadbalancing/rows.ts';
import type { CertificateRow } from './rows.ts';
import { isValidated, validationRecord } from './validation.ts';

export function detail(core: SandboxCore, region: string, row: CertificateRow): CertificateDetail {
  return {
    CertificateArn: row.arn,
    DomainName: row.domains[0],
    SubjectAlternativeNames: [...row.domains],
    ...(row.type === 'IMPORTED'
      ? {}
      : { DomainValidationOptions: row.domains.map((domain) => validation(core, row, domain)) }),
    ...contentsOf(row),
    ...datesOf(row),
    Status: row.status,
    KeyAlgorithm: spelled(row),
    InUseBy: usersOf(core, region, row.arn),
    Type: row.type,
    RenewalEligibility: eligibility(core, region, row),
    Options: { CertificateTransparencyLoggingPreference: row.transparency },
  };
}

export function summary(core: SandboxCore, region: string, row: CertificateRow): CertificateSummary {
  const { NotBefore, NotAfter, KeyUsages, ExtendedKeyUsages } = contentsOf(row);
  return {
    CertificateArn: row.arn,
    DomainName: row.domains[0],
    SubjectAlternativeNameSummaries: [...row.domains],
    HasAdditionalSubjectAlternativeNames: false,
    Status: row.status,
    Type: row.type,
    KeyAlgorithm: spelled(row),
    KeyUsages: (KeyUsages ?? []).flatMap(({ Name }) => Name ?? []),
    ExtendedKeyUsages: (ExtendedKeyUsages ?? []).flatMap(({ Name }) => Name ?? []),
    InUse: usersOf(core, region, row.arn).length > 0,
    RenewalEligibility: eligibility(core, region, row),
    NotBefore,
    NotAfter,
    ...datesOf(row),
  };
}

/** The load balancers whose listeners serve it. */
export function usersOf(core: SandboxCore, region: string, arn: string): string[] {
  const users = balancingTables(core, region)
    .listeners.values()
    .filter(({ tls }) => tls?.certificateArn === arn || tls?.moreArns.includes(arn) === true)
    .map(({ balancerArn }) => balancerArn);
  return [...new Set(users)];
}

function validation(core: SandboxCore, row: CertificateRow, DomainName: string) {
  const done = row.issuedAt !== undefined || row.validatedAt !== undefined || isValidated(core, DomainName);
  const failed = row.status === 'VALIDATION_TIMED_OUT';
  return {
    DomainName,
    ValidationDomain: DomainName,
    ValidationStatus: done ? ('SUCCESS' as const) : failed ? ('FAILED' as const) : ('PENDING_VALIDATION' as const),
    ResourceRecord: validationRecord(core, DomainName),
    ValidationMethod: 'DNS' as const,
  };
}

function contentsOf(
  row: CertificateRow,
): Pick<
  CertificateDetail,
  'Serial' | 'Subject' | 'Issuer' | 'NotBefore' | 'NotAfter' | 'SignatureAlgorithm' | 'KeyUsages' | 'ExtendedKeyUsages'
> {
  if (row.certificate === undefined) return { KeyUsages: [], ExtendedKeyUsages: [] };
  const read = new X509Certificate(row.certificate);
  const rsa = read.publicKey.asymmetricKeyType === 'rsa';
  const ours = row.type === 'AMAZON_ISSUED';
  return {
    Serial: read.serialNumber.toLowerCase().replace(/(..)(?=.)/g, '$1:'),
    Subject: read.subject.split('\n').join(','),
    Issuer: /(?:^|\n)(?:O|CN)=(.*)/.exec(read.issuer)?.[1],
    NotBefore: new Date(read.validFrom),
    NotAfter: new Date(read.validTo),
    ...(ours ? { SignatureAlgorithm: 'SHA256WITHECDSA' } : {}),
    KeyUsages: ours ? [{ Name: 'DIGITAL_SIGNATURE' }, ...(rsa ? [{ Name: 'KEY_ENCIPHERMENT' as const }] : [])] : [],
    ExtendedKeyUsages: ours ? [{ Name: 'TLS_WEB_SERVER_AUTHENTICATION', OID: '1.3.6.1.5.5.7.3.1' }] : [],
  };
}

const datesOf = ({ createdAt, issuedAt, importedAt }: CertificateRow) => ({
  CreatedAt: new Date(createdAt),
  ...(issuedAt === undefined ? {} : { IssuedAt: new Date(issuedAt) }),
  ...(importedAt === undefined ? {} : { ImportedAt: new Date(importedAt) }),
});

/** Only what AWS issued and somebody uses is renewed. */
const eligibility = (core: SandboxCore, region: string, row: CertificateRow): 'ELIGIBLE' | 'INELIGIBLE' =>
  row.type === 'AMAZON_ISSUED' && row.status === 'ISSUED' && usersOf(core, region, row.arn).length > 0
    ? 'ELIGIBLE'
    : 'INELIGIBLE';

/** Answers spell with a hyphen what requests spell with an underscore (hashicorp/terraform-provider-aws, `acm/certificate.go`). */
const spelled = ({ keyAlgorithm }: CertificateRow): KeyAlgorithm => keyAlgorithm.replace('_', '-') as KeyAlgorithm;
