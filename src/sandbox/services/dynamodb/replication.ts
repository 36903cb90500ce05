/**
 * How a global table's writes reach its other Regions. With eventual consistency (MREC) every Region has its own copy, conditions look at
 * that copy alone, and writes travel afterwards. With strong consistency (MRSC) one other Region has the write before it is acknowledged
 * (`StrongTables`); the third gets it this way. Of two writes to one item the later one wins, everywhere; ties go by the Region's name.
 *
 * The writing Region's clock drives it: while it is dark nothing leaves, while the other can't be reached writes wait.
 * Source: DynamoDB Developer Guide, "How DynamoDB global tables work".
 */

import type { SandboxCore } from '../../contract.ts';
import { durations } from './durations.ts';
import { linked } from './links.ts';
import { merge } from './merge.ts';
import { type OutboxRow, othersOf, type TableRecord } from './records.ts';
import type { Store } from './store.ts';
import type { StrongTables } from './strong-tables.ts';

export class GlobalTables {
  readonly #core: SandboxCore;
  readonly #store: Store;
  readonly #strong: StrongTables;

  constructor(core: SandboxCore, store: Store, strong: StrongTables) {
    this.#core = core;
    this.#store = store;
    this.#strong = strong;
    store.onWrite = (table, key) => this.#written(table, key);
  }

  /** Sends what kept tables say is under way. */
  resume(): void {
    for (const region of this.#core.regions) {
      for (const [id, { to }] of this.#store.outbox(region).entries()) this.#arm(region, id, to);
    }
  }

  /** Sends all a Region has of a table to one that has just joined. */
  seed(table: TableRecord, to: string): void {
    for (const [key] of this.#store.rows(table).entries()) this.#enqueue(table, key, to);
  }

  #written(table: TableRecord, key: string): void {
    const has = table.consistency === 'STRONG' ? this.#strong.keep(table, key) : undefined;
    for (const region of othersOf(table)) if (region !== has) this.#enqueue(table, key, region);
  }

  /** One row per item and Region: what travels is the item as it is when it arrives. */
  #enqueue(table: TableRecord, key: string, to: string): void {
    const id = `${to} ${table.name} ${key}`;
    const outbox = this.#store.outbox(table.region);
    if (outbox.has(id)) return;
    outbox.put(id, { table: table.name, key, to });
    this.#arm(table.region, id, to);
  }

  #arm(region: string, id: string, to: string): void {
    const preparing = durations.replicate * (0.5 + this.#core.random.next());
    const waiting = linked(this.#core, region, to) ? preparing : durations.replicateRetry;
    this.#core.region(region).clock.after(waiting + this.#core.network.delay(region, to), () => {
      const row = this.#store.outbox(region).get(id);
      if (row === undefined) return;
      if (!linked(this.#core, region, to)) {
        this.#arm(region, id, to);
        return;
      }
      this.#store.outbox(region).delete(id);
      this.#deliver(region, row);
    });
  }

  #deliver(region: string, { table: name, key, to }: OutboxRow): void {
    const table = this.#store.tables(region).get(name);
    const row = this.#store.rows({ region, name }).get(key);
    const holds = this.#store.tables(to).has(name) || table?.witness?.region === to;
    if (table === undefined || row === undefined || !holds) return;
    merge(this.#store, table, to, key, row);
  }
}
