/** Markers and filters of RDS's Describe operations. */

import type { Filter } from '@aws-sdk/client-rds';
import { invalidValue } from './errors.ts';
import { integer } from './input.ts';

export interface Paged {
  readonly MaxRecords?: number | undefined;
  readonly Marker?: string | undefined;
}

export function page<T>(
  rows: readonly T[],
  { MaxRecords, Marker }: Paged,
): { readonly rows: T[]; readonly marker?: string } {
  const size = integer('MaxRecords', MaxRecords ?? 100, 20, 100);
  const start = Marker === undefined ? 0 : offsetOf(Marker);
  const end = start + size;
  const shown = rows.slice(start, end);
  return end < rows.length
    ? { rows: shown, marker: Buffer.from(`from:${end}`).toString('base64url') }
    : { rows: shown };
}

/** Values are alternatives, filters add up. `values` answers what a row has under a filter's name. */
export function matching<T>(
  rows: readonly T[],
  filters: readonly Filter[] | undefined,
  values: Readonly<Record<string, (row: T) => readonly string[]>>,
): T[] {
  return (filters ?? []).reduce<T[]>(
    (left, { Name, Values }) => {
      const read = values[Name ?? ''];
      if (read === undefined) throw invalidValue(`Unrecognized filter name: ${Name}`);
      return left.filter((row) => read(row).some((value) => Values?.includes(value)));
    },
    [...rows],
  );
}

function offsetOf(marker: string): number {
  const match = /^from:(\d+)$/.exec(Buffer.from(marker, 'base64url').toString());
  if (match?.[1] === undefined) throw invalidValue(`Invalid marker: ${marker}`);
  return Number(match[1]);
}
