/** EC2's own error codes, where more than one resource raises the same kind. */

import { AwsError } from '../../contract.ts';

export const notFound = (code: string, kind: string, id: string): AwsError =>
  new AwsError(code, `The ${kind} '${id}' does not exist`);

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`);

export const dependencyViolation = (kind: string, id: string): AwsError =>
  new AwsError('DependencyViolation', `The ${kind} '${id}' has dependencies and cannot be deleted.`);

/** The value of a required member, or EC2's refusal. */
export function required<T>(value: T | undefined | null, name: string): T {
  if (value === undefined || value === null || value === '') throw missingParameter(name);
  return value;
}
