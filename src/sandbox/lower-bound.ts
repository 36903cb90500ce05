/** How many of `sorted` come before a point: `isBefore` holds for them and for none after. */
export function lowerBound<T>(sorted: readonly T[], isBefore: (value: T) => boolean, from = 0): number {
  let [low, high] = [from, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return low;
}
