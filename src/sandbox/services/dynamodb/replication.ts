/**
 * Global tables with eventual consistency (MREC): every Region has its own copy, conditions look at that copy alone, and writes travel
 * afterwards. Of two writes to one item the later one wins, everywhere; ties go by the Region's name.
 *
 * The writing Region's clock drives it: while it is dark nothing leaves, while the other can't be reached writes wait.
 * Source: DynamoDB Developer Guide, "Global tables: how it works".
 */

import type { SandboxCore } from '../../contract.ts';
import { durations } from './durations.ts';
import type { ItemRow, OutboxRow, TableRecord } from './records.ts';
import type { Store } from './store.ts';

export class GlobalTables {
  readonly #core: SandboxCore;
  readonly #store: Store;

  constructor(core: SandboxCore, store: Store) {
    this.#core = core;
    this.#store = store;
    store.onWrite = (table, key) => this.#written(table, key);
    for (const region of core.regions) {
      for (const [id] of store.outbox(region).entries()) this.#arm(region, id, durations.replicate);
    }
  }

  /** Sends a whole table to a Region that has just joined. */
  seed(table: TableRecord, to: string): void {
    for (const [key] of this.#store.rows(table).entries()) this.#enqueue(table, key, to);
  }

  #written(table: TableRecord, key: string): void {
    for (const replica of table.replicas) this.#enqueue(table, key, replica.region);
  }

  /** One row per item and Region: what travels is the item as it is when it leaves. */
  #enqueue(table: TableRecord, key: string, to: string): void {
    const id = `${to} ${table.name} ${key}`;
    const outbox = this.#store.outbox(table.region);
    if (outbox.has(id)) return;
    outbox.put(id, { table: table.name, key, to });
    this.#arm(table.region, id, durations.replicate * (0.5 + this.#core.random.next()));
  }

  #arm(region: string, id: string, delay: number): void {
    this.#core.region(region).clock.after(delay, () => {
      const waiting = this.#store.outbox(region).get(id);
      if (waiting === undefined) return;
      if (!this.#core.network.reachable(region, waiting.to)) {
        this.#arm(region, id, durations.replicateRetry);
        return;
      }
      this.#store.outbox(region).delete(id);
      this.#deliver(region, waiting);
    });
  }

  #deliver(region: string, { table: name, key, to }: OutboxRow): void {
    const row = this.#store.rows({ region, name }).get(key);
    const there = this.#store.tables(to).get(name);
    if (row === undefined || there === undefined) return;
    const rows = this.#store.rows(there);
    const rival = rows.get(key);
    if (rival === undefined || later(row, rival)) rows.put(key, row);
  }
}

const later = (left: ItemRow, right: ItemRow): boolean =>
  left.at > right.at || (left.at === right.at && left.by > right.by);
