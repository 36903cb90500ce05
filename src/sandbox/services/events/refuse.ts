/** Refusals by name: a member that would change behaviour and that the sandbox doesn't play is never ignored. */

import { AwsError } from '../../contract.ts';

/** Throws when `input` carries one of `members` with anything in it. */
export function refuseMembers(operation: string, input: object, members: readonly string[]): void {
  for (const member of members) {
    const value = (input as Record<string, unknown>)[member];
    if (value === undefined || value === null || value === false || value === '') continue;
    if (Array.isArray(value) && value.length === 0) continue;
    if (typeof value === 'object' && Object.keys(value).length === 0) continue;
    throw unsupported(`${operation} with ${member}`);
  }
}

export function unsupported(what: string): AwsError {
  return new AwsError(
    'UnsupportedOperation',
    `The sandbox doesn't support ${what}. docs/coverage.md lists what it does.`,
    {
      status: 501,
    },
  );
}
