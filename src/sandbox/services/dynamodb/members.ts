/** Refuses by name what a request asks for beyond what is supported: nothing that changes behaviour is ignored. */

import { AwsError } from '../../contract.ts';

/** Throws when `input` has a member that isn't `supported`. False and empty lists ask for nothing. */
export function accept(operation: string, input: object, supported: readonly string[]): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) continue;
    if (!supported.includes(member)) throw unsupported(member, operation);
  }
}

export const unsupported = (what: string, operation: string): AwsError =>
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} of dynamodb:${operation}.`, {
    status: 501,
  });

/** Leaves out members that are undefined, so that records and answers hold only what is there. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}
