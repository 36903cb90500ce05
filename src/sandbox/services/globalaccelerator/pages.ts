/** Pages of a list. */

import { AwsError } from '../../contract.ts';

export function pageOf<Row>(
  all: readonly Row[],
  { MaxResults = 10, NextToken }: { readonly MaxResults?: number | undefined; readonly NextToken?: string | undefined },
): { readonly rows: Row[]; readonly next: { readonly NextToken?: string } } {
  const start = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64url').toString());
  if (!Number.isInteger(start) || start < 0 || start > all.length) {
    throw new AwsError('InvalidNextTokenException', 'The next token is not valid.');
  }
  const end = start + MaxResults;
  return {
    rows: all.slice(start, end),
    next: end < all.length ? { NextToken: Buffer.from(String(end)).toString('base64url') } : {},
  };
}
