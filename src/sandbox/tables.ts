/** Tables in memory: see invariant 2 of `contract.ts`. Who keeps them on disk is told of every change. */

import type { Table } from './contract.ts';

/** Told of changes before they are made, in order. `before` is undefined for a row that isn't there. */
export interface ChangeListener {
  changing(table: string, key: string, before: unknown, change: 'put' | 'delete'): void;
}

type Compare = Parameters<Table<unknown>['sortedKeys']>[0];

export class MemoryTable<T> implements Table<T> {
  readonly #rows = new Map<string, T>();
  readonly #name: string;
  readonly #listener: ChangeListener | undefined;
  #sorted: { readonly compare: Compare; readonly keys: readonly string[] } | undefined;

  constructor(name = '', listener?: ChangeListener) {
    this.#name = name;
    this.#listener = listener;
  }

  get(key: string): T | undefined {
    return this.#rows.get(key);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  put(key: string, value: T): T {
    const before = this.#rows.get(key);
    this.#listener?.changing(this.#name, key, before, 'put');
    this.#rows.set(key, value);
    if (before === undefined) this.#sorted = undefined;
    return value;
  }

  update(key: string, change: (value: T) => T): T | undefined {
    const row = this.#rows.get(key);
    if (row === undefined) return undefined;
    return this.put(key, change(row));
  }

  delete(key: string): boolean {
    const row = this.#rows.get(key);
    if (row === undefined) return false;
    this.#listener?.changing(this.#name, key, row, 'delete');
    this.#sorted = undefined;
    return this.#rows.delete(key);
  }

  values(): T[] {
    return [...this.#rows.values()];
  }

  entries(): [string, T][] {
    return [...this.#rows.entries()];
  }

  sortedKeys(compare: Compare): readonly string[] {
    if (this.#sorted?.compare === compare) return this.#sorted.keys;
    const keys = [...this.#rows.keys()].sort(compare);
    this.#sorted = { compare, keys };
    return keys;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Puts a row back as it was kept: nobody is told. */
  restore(key: string, value: T | undefined): void {
    this.#sorted = undefined;
    if (value === undefined) this.#rows.delete(key);
    else this.#rows.set(key, value);
  }
}

/** Opens tables by service, Region and name; the same triple answers the same table. */
export class Tables {
  readonly #tables = new Map<string, MemoryTable<unknown>>();
  readonly #opened = new Map<string, Map<string, Map<string, MemoryTable<unknown>>>>();
  readonly #listener: ChangeListener | undefined;

  constructor(listener?: ChangeListener) {
    this.#listener = listener;
  }

  open<T>(service: string, region: string, name: string): Table<T> {
    // Every call opens a dozen tables: their whole names are put together once.
    const regions = entryOf(this.#opened, service);
    const tables = entryOf(regions, region);
    const known = tables.get(name);
    if (known !== undefined) return known as MemoryTable<T>;
    const table = this.named(`${service}/${region}/${name}`);
    tables.set(name, table);
    return table as MemoryTable<T>;
  }

  /** By its whole name, `<service>/<region>/<name>`. */
  named(name: string): MemoryTable<unknown> {
    const table = this.#tables.get(name) ?? new MemoryTable<unknown>(name, this.#listener);
    this.#tables.set(name, table);
    return table;
  }

  all(): readonly (readonly [name: string, table: MemoryTable<unknown>])[] {
    return [...this.#tables];
  }
}

/** The map a key leads to, made on first use. */
function entryOf<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  let map = maps.get(key);
  if (map === undefined) {
    map = new Map();
    maps.set(key, map);
  }
  return map;
}
