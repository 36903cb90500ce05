/**
 * The rows that changed since they were last written down. What is written is the difference between the row as it was then and as it
 * is now, however often it changed in between; rows that are new come in the order they were put.
 */

import type { ChangeListener, Tables } from '../tables.ts';
import { encode } from './codec.ts';
import { applyPatch, type Patch, patchBetween } from './patch.ts';

/** `+` puts a row at the end of its table, `~` changes one where it is, `-` deletes one. */
export type Change =
  | readonly [table: string, key: string, op: '+', value: unknown]
  | readonly [table: string, key: string, op: '~', patch: Patch]
  | readonly [table: string, key: string, op: '-'];

interface Dirty {
  /** As it is on disk; undefined when it isn't. */
  readonly before: unknown;
  /** It was deleted in between: if it is there again, it has another place. */
  readonly deleted: boolean;
}

export class Changes implements ChangeListener {
  #dirty = new Map<string, Map<string, Dirty>>();
  readonly #onFirst: () => void;
  #any = false;

  /** `onFirst` is called when something changes after everything had been written. */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  get any(): boolean {
    return this.#any;
  }

  changing(table: string, key: string, before: unknown, change: 'put' | 'delete'): void {
    let rows = this.#dirty.get(table);
    if (rows === undefined) {
      rows = new Map();
      this.#dirty.set(table, rows);
    }
    const known = rows.get(key);
    const deleted = change === 'delete' || known?.deleted === true;
    if (known === undefined || change === 'delete' || before === undefined) {
      // A row put anew goes to the end of its table, and so it does here.
      rows.delete(key);
      rows.set(key, { before: known === undefined ? before : known.before, deleted });
    }
    if (this.#any) return;
    this.#any = true;
    this.#onFirst();
  }

  /** What there is to write, which counts as written from now on. Throws, naming the row, when one can't be kept. */
  take(tables: Tables): Change[] {
    const taken: Change[] = [];
    for (const [name, rows] of this.#dirty) {
      const table = tables.named(name);
      for (const [key, { before, deleted }] of rows) {
        const now = table.get(key);
        if (now === before && !deleted) continue;
        if (before !== undefined && (deleted || now === undefined)) taken.push([name, key, '-']);
        if (now === undefined) continue;
        try {
          if (before === undefined || deleted) taken.push([name, key, '+', encode(now)]);
          else {
            const patch = patchBetween(before, now);
            if (patch !== undefined) taken.push([name, key, '~', patch]);
          }
        } catch (error) {
          throw unkeepable(name, key, error);
        }
      }
    }
    this.#dirty = new Map();
    this.#any = false;
    return taken;
  }
}

/** Makes a written change in tables. */
export function replay(tables: Tables, [name, key, op, what]: Change, decode: (value: unknown) => unknown): void {
  const table = tables.named(name);
  if (op === '-') table.restore(key, undefined);
  else if (op === '+') table.restore(key, decode(what));
  else table.restore(key, applyPatch(table.get(key), what as Patch));
}

export const unkeepable = (table: string, key: string, error: unknown): Error =>
  new TypeError(
    `A row of a table holds what can't be kept: ${error instanceof Error ? error.message : String(error)}, in ${table} at ${key}.`,
    { cause: error },
  );
