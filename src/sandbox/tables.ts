/** Tables in memory: see invariant 2 of `contract.ts`. */

import type { Table } from './contract.ts';

export class MemoryTable<T> implements Table<T> {
  readonly #rows = new Map<string, T>();

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  put(key: string, value: T): T {
    this.#rows.set(key, value);
    return value;
  }

  update(key: string, change: (value: T) => T): T | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    return this.put(key, change(row));
  }

  delete(key: string): boolean {
    return this.#rows.delete(key);
  }

  values(): T[] {
    return [...this.#rows.values()];
  }

  entries(): [string, T][] {
    return [...this.#rows.entries()];
  }

  get size(): number {
    return this.#rows.size;
  }
}

/** Opens tables by service, Region and name; the same triple answers the same table. */
export class Tables {
  readonly #tables = new Map<string, MemoryTable<unknown>>();

  open<T>(service: string, region: string, name: string): Table<T> {
    const key = `${service}/${region}/${name}`;
    const table = this.#tables.get(key) ?? new MemoryTable<unknown>();
    this.#tables.set(key, table);
    return table as MemoryTable<T>;
  }
}
