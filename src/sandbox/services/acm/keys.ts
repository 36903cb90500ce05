/** Key pairs, by ACM's names for their kinds. */

import { createPublicKey, generateKeyPair, type KeyObject, type X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyAlgorithm } from '@aws-sdk/client-acm';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

const curves: Readonly<Record<string, string>> = {
  EC_prime256v1: 'prime256v1',
  EC_secp384r1: 'secp384r1',
  EC_secp521r1: 'secp521r1',
};
const lengths: Readonly<Record<string, number>> = { RSA_1024: 1024, RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 };

/** Those that ACM issues; the others can be imported. Source: RequestCertificate, KeyAlgorithm. */
const issued = ['RSA_2048', 'EC_prime256v1', 'EC_secp384r1'];

/** A new private key, in PEM. */
export async function newKey(core: SandboxCore, algorithm: KeyAlgorithm): Promise<string> {
  if (!issued.includes(algorithm)) {
    throw new AwsError(
      'InvalidParameterException',
      `Certificates with the key algorithm ${algorithm} can't be requested; choose one of ${issued.join(', ')}.`,
    );
  }
  const namedCurve = curves[algorithm];
  const generate = promisify(generateKeyPair);
  const { privateKey } = await core.clock.hold(() =>
    namedCurve === undefined ? generate('rsa', { modulusLength: 2048 }) : generate('ec', { namedCurve }),
  );
  return String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

export const publicKeyOf = (privateKey: string): KeyObject => createPublicKey(privateKey);

/** ACM's name for the kind of a certificate's key; undefined for those it doesn't take. */
export function algorithmOf(certificate: X509Certificate): KeyAlgorithm | undefined {
  const { asymmetricKeyDetails: details } = certificate.publicKey;
  const names = Object.entries({ ...curves, ...lengths });
  const found = names.find(([, value]) => value === details?.namedCurve || value === details?.modulusLength);
  return found?.[0] as KeyAlgorithm | undefined;
}
