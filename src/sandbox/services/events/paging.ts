/** Pages of a list: what `MaxResults` and `NextToken` mean for every list operation of these services. */

import { AwsError } from '../../contract.ts';

export interface Page<T> {
  readonly items: T[];
  /** Present while more follow. */
  readonly next?: string;
}

/** The page of `items` that `token` asks for: an opaque offset. */
export function page<T>(
  items: readonly T[],
  token: string | undefined,
  limit: number | undefined,
  most = 100,
): Page<T> {
  const start = token === undefined ? 0 : Number.parseInt(Buffer.from(token, 'base64url').toString(), 10);
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationException', 'The next token is not valid.');
  const end = start + Math.min(limit ?? most, most);
  const next = end < items.length ? { next: Buffer.from(String(end)).toString('base64url') } : {};
  return { items: items.slice(start, end), ...next };
}
