/** KMS's own refusals. Source: KMS API Reference. */

import { AwsError } from '../../contract.ts';

export const notFound = (message: string): AwsError => new AwsError('NotFoundException', message);

export const validation = (message: string): AwsError => new AwsError('ValidationException', message);

export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);

export const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} in KMS.`, { status: 501 });

/** What KMS says of a ciphertext whose key it can't find or the caller may not use: it doesn't tell which. */
export const unknownCiphertextKey = (): AwsError =>
  new AwsError(
    'AccessDeniedException',
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );

export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined) {
    throw validation(
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }
  return value;
}
