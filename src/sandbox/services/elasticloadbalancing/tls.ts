/** What makes a listener an HTTPS one: its certificates, which stand in the same Region, and its security policy. */

import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TlsSpec } from '../../balancer/configuration.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { certificateTable } from '../acm/rows.ts';
import { validationError } from './lookup.ts';
import type { ListenerRow, TlsRow } from './rows.ts';
import { defaultPolicy, versionsOf } from './ssl-policies.ts';

export interface TlsInput {
  readonly Protocol?: string | undefined;
  readonly Certificates?: readonly Certificate[] | undefined;
  readonly SslPolicy?: string | undefined;
}

/** As it is kept; undefined for an HTTP listener. What isn't said is as `before`. */
export function checkedTls(core: SandboxCore, region: string, input: TlsInput, before?: TlsRow): TlsRow | undefined {
  const protocol = input.Protocol ?? (before === undefined ? 'HTTP' : 'HTTPS');
  const certificates = input.Certificates ?? [];
  if (protocol === 'HTTP') {
    if (certificates.length > 0) throw validationError('A certificate cannot be specified for HTTP listeners');
    if (input.SslPolicy !== undefined) throw validationError('An SSL policy cannot be specified for HTTP listeners');
    return undefined;
  }
  if (protocol !== 'HTTPS') throw validationError(`Listener protocol '${protocol}' must be one of 'HTTPS, HTTP'`);
  const [certificate, ...others] = certificates;
  if (others.length > 0) {
    throw new AwsError(
      'TooManyCertificates',
      'A listener has one default certificate; add others with AddListenerCertificates',
    );
  }
  const certificateArn = certificate === undefined ? before?.certificateArn : servable(core, region, certificate);
  if (certificateArn === undefined) throw validationError('A certificate must be specified for HTTPS listeners');
  const policy = input.SslPolicy ?? before?.policy ?? defaultPolicy;
  versionsOf(policy);
  return { certificateArn, moreArns: before?.moreArns ?? [], policy };
}

/** The ARN of a certificate that a load balancer of this Region can serve. */
export function servable(
  core: SandboxCore,
  region: string,
  { CertificateArn: arn = '', IsDefault }: Certificate,
): string {
  if (IsDefault !== undefined) throw validationError('IsDefault cannot be specified');
  if (arn.includes(':server-certificate/')) {
    throw new AwsError(
      'UnsupportedOperation',
      "The sandbox's load balancers don't support certificates of IAM; import them into ACM.",
    );
  }
  const row = certificateTable(core, region).get(arn);
  // One of another Region isn't there, as far as this one knows.
  if (row === undefined) throw new AwsError('CertificateNotFound', `Certificate '${arn}' not found`);
  if (row.status !== 'ISSUED') {
    throw new AwsError(
      'UnsupportedCertificate',
      `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    );
  }
  return arn;
}

/** What the balancer's process is told. */
export function tlsSpec(core: SandboxCore, region: string, { tls }: ListenerRow): TlsSpec | undefined {
  if (tls === undefined) return undefined;
  const table = certificateTable(core, region);
  const certificates = [tls.certificateArn, ...tls.moreArns].flatMap((arn) => {
    const row = table.get(arn);
    if (row?.certificate === undefined) return [];
    return [{ domains: row.domains, certificate: row.certificate + (row.chain ?? ''), key: row.privateKey }];
  });
  return { certificates, ...versionsOf(tls.policy) };
}
