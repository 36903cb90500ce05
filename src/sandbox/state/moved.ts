/** After a state directory was moved or copied: rows name files by their whole path, which is another one now. */

import type { Journal } from './journal.ts';

export function moveRows(journal: Journal, from: string, to: string): void {
  const moved = (value: unknown): unknown => {
    if (typeof value === 'string') return value.startsWith(`${from}/`) ? `${to}${value.slice(from.length)}` : value;
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return sameOr(value, value.map(moved));
    if (Object.getPrototypeOf(value) !== Object.prototype) return value;
    const entries = Object.entries(value);
    const after = entries.map(([key, member]) => [key, moved(member)] as const);
    return after.every(([, member], index) => member === entries[index]?.[1]) ? value : Object.fromEntries(after);
  };
  for (const [, table] of journal.tables.all()) {
    for (const [key, row] of table.entries()) {
      const after = moved(row);
      if (after !== row) table.put(key, after);
    }
  }
  journal.flush();
}

const sameOr = (before: readonly unknown[], after: readonly unknown[]): readonly unknown[] =>
  after.every((one, index) => one === before[index]) ? before : after;
