/** Secrets Manager's own refusals. Source: Secrets Manager API Reference. */

import { AwsError } from '../../contract.ts';

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterException', message);

export const invalidRequest = (message: string): AwsError => new AwsError('InvalidRequestException', message);

export const notFound = (message: string): AwsError => new AwsError('ResourceNotFoundException', message);

export const alreadyExists = (message: string): AwsError => new AwsError('ResourceExistsException', message);

export const malformedPolicy = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);

export const unsupported = (what: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} in Secrets Manager.`, { status: 501 });

export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw invalidParameter(`You must provide a value for ${member}.`);
  return value;
}
