/** How long ago something was, in words. */

const units = [
  ['day', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** `12 s`, `5 min`, `3 h`, `2 days`: the largest unit of which there are two at least. Clocks differ: never less than nothing. */
export function spanOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const [unit, length] = units.find(([, long]) => seconds >= 2 * long) ?? ['s', 1];
  const count = Math.floor(seconds / length);
  return `${count} ${unit === 'day' ? 'days' : unit}`;
}
