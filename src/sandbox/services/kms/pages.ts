/** KMS's pages: `Limit` (50 unless said) and a `Marker` that is the place to go on from. */

import { AwsError } from '../../contract.ts';

export function page<T>(
  all: readonly T[],
  { Marker, Limit = 50 }: { Marker?: string | undefined; Limit?: number | undefined },
) {
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start) || start < 0) throw new AwsError('InvalidMarkerException', 'The marker is not valid.');
  const more = start + Limit < all.length;
  const rest = { Truncated: more, ...(more ? { NextMarker: String(start + Limit) } : {}) };
  return { items: all.slice(start, start + Limit), rest };
}
