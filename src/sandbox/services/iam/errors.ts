/** IAM's own refusals. */

import { AwsError } from '../../contract.ts';

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, { status: 404 });

export const alreadyExists = (message: string): AwsError =>
  new AwsError('EntityAlreadyExists', message, { status: 409 });

export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message, { status: 409 });

export const limitExceeded = (message: string): AwsError => new AwsError('LimitExceeded', message, { status: 409 });

export const invalidInput = (message: string): AwsError => new AwsError('InvalidInput', message);

export const validationError = (message: string): AwsError => new AwsError('ValidationError', message);

/** The value of a required member, or IAM's refusal. */
export function required<T>(value: T | undefined, member: string): T {
  if (value === undefined)
    throw validationError(
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  return value;
}

/** Refuses members that would change behaviour and that the sandbox doesn't implement. */
export function refuseMembers(operation: string, input: object, names: readonly string[]): void {
  const found = names.find((name) => (input as Record<string, unknown>)[name] !== undefined);
  if (found === undefined) return;
  throw new AwsError('UnsupportedOperation', `The sandbox doesn't support ${found} of ${operation}.`, { status: 501 });
}
