/** IAM's pages: `MaxItems` (100 unless said) and a `Marker` that is the place to go on from. */

import { validationError } from './errors.ts';

export interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export function page<T>(all: readonly T[], { Marker, MaxItems = 100 }: PageInput) {
  const start = Marker === undefined ? 0 : Number(Marker);
  if (!Number.isInteger(start) || start < 0 || start > all.length) throw validationError('Invalid Marker.');
  const end = start + MaxItems;
  const more = end < all.length;
  return { items: all.slice(start, end), rest: { IsTruncated: more, ...(more ? { Marker: String(end) } : {}) } };
}

/** In the order of names, as IAM lists. */
export const byName = <T extends { readonly name: string }>(rows: readonly T[]): T[] =>
  rows.toSorted((one, other) => (one.name < other.name ? -1 : 1));
