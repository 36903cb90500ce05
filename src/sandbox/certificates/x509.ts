/**
 * X.509 certificates, signed with ECDSA and SHA-256. Node reads them and can't write them. Written here and not by the machine's
 * `openssl`: a process, two files and 20 ms for each certificate, on a machine that must have it, against a hundred lines that answer
 * at once; nor by a library, whose many formats nothing here needs. Source: RFC 5280, section 4.
 */

import { createHash, type KeyObject, sign } from 'node:crypto';
import { bits, identifier, integer, octets, sequence, set, tagged, time, truth, utf8 } from './der.ts';

export interface CertificateSpec {
  readonly serial: Buffer;
  /** Common names. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: KeyObject;
  readonly issuerKey: KeyObject;
  /** The issuer's public key, which verifiers find it by. */
  readonly issuerPublicKey: KeyObject;
  /** The names it stands for; without any it is an authority's. */
  readonly domains?: readonly string[];
}

/** The certificate, in PEM. */
export function certificate(spec: CertificateSpec): string {
  const algorithm = sequence(identifier(ecdsaWithSha256));
  const body = sequence(
    tagged(0, integer(Buffer.from([2]))),
    integer(spec.serial),
    algorithm,
    nameOf(spec.issuer),
    sequence(time(spec.notBefore), time(spec.notAfter)),
    nameOf(spec.subject),
    spki(spec.publicKey),
    tagged(3, sequence(...extensions(spec))),
  );
  return pem('CERTIFICATE', sequence(body, algorithm, bits(sign('sha256', body, spec.issuerKey))));
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const commonName = '2.5.4.3';

const nameOf = (name: string): Buffer => sequence(set(sequence(identifier(commonName), utf8(name))));

const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const keyId = (key: KeyObject): Buffer => createHash('sha1').update(spki(key)).digest();

function extensions(spec: CertificateSpec): Buffer[] {
  const identity = [
    extension('2.5.29.14', octets(keyId(spec.publicKey))),
    extension('2.5.29.35', sequence(tagged(0, keyId(spec.issuerPublicKey), false))),
  ];
  if (spec.domains === undefined) {
    // An authority; signs certificates and revocation lists.
    return [
      ...identity,
      extension('2.5.29.19', sequence(truth), true),
      extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
    ];
  }
  const usage =
    spec.publicKey.asymmetricKeyType === 'rsa' ? bits(Buffer.from([0xa0]), 5) : bits(Buffer.from([0x80]), 7);
  return [
    ...identity,
    extension('2.5.29.19', sequence(), true),
    extension('2.5.29.15', usage, true),
    extension('2.5.29.37', sequence(identifier('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.17', sequence(...spec.domains.map((domain) => tagged(2, Buffer.from(domain), false)))),
  ];
}

const extension = (id: string, value: Buffer, critical = false): Buffer =>
  sequence(identifier(id), ...(critical ? [truth] : []), octets(value));

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END ${label}-----\n`;
