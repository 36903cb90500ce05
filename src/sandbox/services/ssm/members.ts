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
  new AwsError('UnsupportedOperation', `The sandbox doesn't support ${what} of ssm:${operation}.`, { status: 501 });

/** Leaves out members that are undefined, so that records and answers hold only what is there. */
export function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** A page of `rows`, and the token of the next one. Tokens are opaque: the position, in base64. */
export function pageOf<T>(
  rows: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0) {
    throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  }
  const end = start + size;
  return {
    page: rows.slice(start, end),
    next: end < rows.length ? Buffer.from(String(end)).toString('base64url') : undefined,
  };
}

/**
 * A page of what `walk` gives from those after a name on, and the token of the next one. It tells the name it ended with: what comes or
 * goes meanwhile makes no other be passed over.
 */
export function pageAfter<T>(
  walk: (after: string) => Iterable<T>,
  nameOf: (row: T) => string,
  token: string | undefined,
  size: number,
): { page: T[]; next: string | undefined } {
  const after = token === undefined ? '' : /^after (.*)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (after === undefined) throw new AwsError('InvalidNextToken', 'The specified token is not valid.');
  const page: T[] = [];
  for (const row of walk(after)) {
    const last = page.at(-1);
    if (page.length === size && last !== undefined) {
      return { page, next: Buffer.from(`after ${nameOf(last)}`).toString('base64url') };
    }
    page.push(row);
  }
  return { page, next: undefined };
}
