/** Sets of whole numbers as intervals, sorted, apart from each other and never empty: what GTID sets are made of. Pure. */

/** Both ends belong to it. */
export interface Interval {
  readonly from: bigint;
  readonly to: bigint;
}

export type Intervals = readonly Interval[];

/** Any intervals, in the one form that equal sets share: neighbours grown together. */
export function normalized(intervals: Intervals): Intervals {
  const sorted = [...intervals].sort((one, other) => (one.from < other.from ? -1 : one.from > other.from ? 1 : 0));
  const apart: Interval[] = [];
  for (const next of sorted) {
    const last = apart.at(-1);
    if (last === undefined || next.from > last.to + 1n) apart.push(next);
    else if (next.to > last.to) apart[apart.length - 1] = { from: last.from, to: next.to };
  }
  return apart;
}

export const union = (one: Intervals, other: Intervals): Intervals => normalized([...one, ...other]);

/** What is in `from` and not in `taken`. */
export function subtract(from: Intervals, taken: Intervals): Intervals {
  return taken.reduce<Intervals>(
    (left, hole) =>
      left.flatMap((interval) => {
        if (hole.to < interval.from || hole.from > interval.to) return [interval];
        return [
          ...(hole.from > interval.from ? [{ from: interval.from, to: hole.from - 1n }] : []),
          ...(hole.to < interval.to ? [{ from: hole.to + 1n, to: interval.to }] : []),
        ];
      }),
    from,
  );
}

export const count = (intervals: Intervals): bigint =>
  intervals.reduce((sum, { from, to }) => sum + to - from + 1n, 0n);
