/**
 * Tables that outlive the sandbox they were filled by. Nothing is kept after the last write that is allowed, as if the process had been
 * killed there; the next life gets what was kept, through JSON, as from a disk.
 */

import type { Table } from '../../src/sandbox/contract.ts';
import { Tables } from '../../src/sandbox/tables.ts';

export class KeptTables {
  writes = 0;
  /** The write that is the last one kept. */
  last = Number.POSITIVE_INFINITY;
  /** Told when that write is made. */
  onLast: () => void = () => {};
  readonly #tables = new Tables();
  readonly #opened = new Map<string, readonly [service: string, region: string, name: string]>();

  get over(): boolean {
    return this.writes >= this.last;
  }

  open<T>(service: string, region: string, name: string): Table<T> {
    this.#opened.set(`${service}/${region}/${name}`, [service, region, name]);
    const table = this.#tables.open<T>(service, region, name);
    const kept = (): boolean => {
      if (this.over) return false;
      this.writes += 1;
      if (this.over) this.onLast();
      return true;
    };
    return {
      get: (key) => table.get(key),
      has: (key) => table.has(key),
      put: (key, value) => (kept() ? table.put(key, value) : value),
      update: (key, change) => {
        const value = table.get(key);
        if (value === undefined) return undefined;
        const changed = change(value);
        if (kept()) table.put(key, changed);
        return changed;
      },
      delete: (key) => (kept() ? table.delete(key) : table.has(key)),
      values: () => table.values(),
      entries: () => table.entries(),
      sortedKeys: (compare) => table.sortedKeys(compare),
      get size() {
        return table.size;
      },
    };
  }

  /** What the next life finds. */
  survivors(): KeptTables {
    const next = new KeptTables();
    for (const triple of this.#opened.values()) {
      const table = next.open<unknown>(...triple);
      for (const [key, value] of this.#tables.open(...triple).entries()) {
        table.put(key, JSON.parse(JSON.stringify(value)));
      }
    }
    next.writes = 0;
    return next;
  }
}
