/** Certificates that others have issued: read, and checked against their keys. */

import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { ImportCertificateCommandInput } from '@aws-sdk/client-acm';
import { AwsError } from '../../contract.ts';
import { algorithmOf } from './keys.ts';
import type { CertificateRow } from './rows.ts';

type Imported = Pick<CertificateRow, 'domains' | 'keyAlgorithm' | 'privateKey' | 'certificate' | 'chain'>;

export function imported({ Certificate, CertificateChain, PrivateKey }: ImportCertificateCommandInput): Imported {
  const certificate = textOf(Certificate);
  const read = readCertificate(certificate);
  const keyAlgorithm = algorithmOf(read);
  if (keyAlgorithm === undefined) throw invalid('The certificate has a key of a kind that is not supported.');
  const privateKey = textOf(PrivateKey);
  if (!read.checkPrivateKey(readKey(privateKey))) {
    throw invalid('The private key does not belong to the public key of the certificate.');
  }
  const chain = CertificateChain === undefined ? undefined : textOf(CertificateChain);
  const [above] = chain?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (chain !== undefined && (above === undefined || !read.checkIssued(readCertificate(above)))) {
    throw invalid('Could not validate the certificate with the certificate chain.');
  }
  return { domains: domainsOf(read), keyAlgorithm, privateKey, certificate, ...(chain === undefined ? {} : { chain }) };
}

/** The alternative names, the common name first where it is one of them. */
function domainsOf({ subject, subjectAltName = '' }: X509Certificate): string[] {
  const common = /(?:^|\n)CN=(.*)/.exec(subject)?.[1];
  const names = [...subjectAltName.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name);
  return [...new Set([...(common === undefined ? [] : [common]), ...names])];
}

function readCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw invalid('The certificate is not a valid X.509 certificate in PEM.');
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid('The private key is not a valid key in PEM without a passphrase.');
  }
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);
