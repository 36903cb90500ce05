/** Pages of a Describe answer: an opaque token says where the next one starts. */

import { AwsError } from '../../contract.ts';

export interface Page<Row> {
  readonly rows: Row[];
  readonly nextToken: string | undefined;
}

/** Cuts one page. Without `size` everything is one page, unless `most` caps it. */
export function page<Row>(
  rows: readonly Row[],
  size: number | undefined,
  token: string | undefined,
  most = 1000,
): Page<Row> {
  const start = token === undefined ? 0 : offsetOf(token);
  const end = start + Math.min(size ?? most, most);
  return { rows: rows.slice(start, end), nextToken: end < rows.length ? tokenFor(end) : undefined };
}

const tokenFor = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64url');

function offsetOf(token: string): number {
  const match = /^offset:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match?.[1] === undefined) throw new AwsError('InvalidNextToken', `The token '${token}' is invalid.`);
  return Number(match[1]);
}
