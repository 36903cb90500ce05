/**
 * Global tables with strong consistency (MRSC): three Regions, of which two make a majority.
 *
 *  1. A write is acknowledged once the Region called and the nearest other one it reaches have it. Conditions see the latest version.
 *  2. A strongly consistent read asks the nearest other Region too, and so meets every acknowledged write: two majorities share one.
 *  3. A Region that reaches neither of the others refuses both, and answers eventually consistent reads from its own copy.
 *  4. While an item is being written in one Region, a write to it in another is refused; one in the same Region waits.
 *
 * Sources: DynamoDB Developer Guide, "How DynamoDB global tables work"; that an isolated Region answers 500 is AWS's fault injection
 * (FIS, aws:dynamodb:global-table-pause-replication; metric FaultInjectionServiceInducedErrors, a part of SystemErrors). No page says how
 * long it tries before: here it refuses at once.
 */

import { sleep } from '../../../kernel/clock.ts';
import { AwsError, type SandboxCore } from '../../contract.ts';
import { linked } from './links.ts';
import { merge } from './merge.ts';
import { othersOf, type TableRecord } from './records.ts';
import type { Store } from './store.ts';

/** Some of a table's items, by their key strings; undefined is all of them. */
export interface Touched {
  readonly table: TableRecord;
  readonly keys: readonly string[] | undefined;
}

/** A write on its way. */
interface Flight {
  readonly region: string;
  readonly landed: Promise<void>;
}

export class StrongTables {
  readonly #core: SandboxCore;
  readonly #store: Store;
  readonly #flights = new Map<string, Flight>();

  constructor(core: SandboxCore, store: Store) {
    this.#core = core;
    this.#store = store;
  }

  /** Runs `act` on the latest version of what it reads. */
  async read<T>(touched: readonly Touched[], act: () => T): Promise<T> {
    await this.#ask(touched);
    return act();
  }

  /** Runs `act`, which writes `touched` at once or throws, on the latest version of it. */
  async write<T>(touched: readonly Touched[], act: () => T): Promise<T> {
    const ids = touched.flatMap(({ table, keys = [] }) => keys.map((key) => `${table.name} ${key}`));
    const { region } = touched[0]?.table ?? { region: '' };
    for (const { table } of touched) this.#nearest(table);
    for (let own = this.#ownFlight(ids, region); own !== undefined; own = this.#ownFlight(ids, region))
      await own.landed;
    for (const { table } of touched) this.#refuseConflicts(table, ids);

    let land = () => {};
    const landed = new Promise<void>((resolve) => {
      land = resolve;
    });
    const flight: Flight = { region, landed };
    for (const id of ids) this.#flights.set(id, flight);
    try {
      await this.#ask(touched);
      // Another Region went on without this one while it was cut off.
      if (ids.some((id) => this.#flights.get(id) !== flight)) throw conflict();
      return act();
    } finally {
      for (const id of ids) if (this.#flights.get(id) === flight) this.#flights.delete(id);
      land();
    }
  }

  /** Gives a write to the nearest other Region, before it is acknowledged; answers which. */
  keep(table: TableRecord, key: string): string {
    const nearest = this.#nearest(table);
    const row = this.#store.rows(table).get(key);
    if (row !== undefined) merge(this.#store, table, nearest, key, row);
    return nearest;
  }

  /** Throws unless the Region is one of a majority. */
  requireMajority(table: TableRecord): void {
    this.#nearest(table);
  }

  /** A round trip to the nearest other Region, which brings what it knows better. */
  async #ask(touched: readonly Touched[]): Promise<void> {
    const { network } = this.#core;
    const trips = touched.map(({ table }) => {
      const nearest = this.#nearest(table);
      return network.delay(table.region, nearest) + network.delay(nearest, table.region);
    });
    const [first] = touched;
    if (first !== undefined) await sleep(this.#core.region(first.table.region).clock, Math.max(...trips));
    for (const { table, keys } of touched) {
      const nearest = this.#nearest(table);
      const rows = this.#store.rowsAt(table, nearest);
      for (const key of keys ?? rows.entries().map(([one]) => one)) {
        const row = rows.get(key);
        if (row !== undefined) merge(this.#store, table, table.region, key, row);
      }
    }
  }

  #nearest(table: TableRecord): string {
    const { network } = this.#core;
    const trip = (region: string) => network.delay(table.region, region) + network.delay(region, table.region);
    const [nearest] = othersOf(table)
      .filter((region) => linked(this.#core, table.region, region))
      .sort((one, other) => trip(one) - trip(other));
    if (nearest !== undefined) return nearest;
    throw new AwsError(
      'InternalServerError',
      `Internal server error: the replica of ${table.name} in ${table.region} reaches none of its other Regions (${othersOf(table).join(', ')}).`,
      { status: 500 },
    );
  }

  #ownFlight(ids: readonly string[], region: string): Flight | undefined {
    return ids.map((id) => this.#flights.get(id)).find((flight) => flight?.region === region);
  }

  /** A write in flight counts while its Region is heard of, directly or through the third. */
  #refuseConflicts(table: TableRecord, ids: readonly string[]): void {
    const reached = othersOf(table).filter((region) => linked(this.#core, table.region, region));
    const heard = (region: string) => reached.some((one) => one === region || linked(this.#core, one, region));
    const rivals = ids.map((id) => this.#flights.get(id));
    if (rivals.some((flight) => flight !== undefined && heard(flight.region))) throw conflict();
  }
}

const conflict = (): AwsError =>
  new AwsError(
    'ReplicatedWriteConflictException',
    'One or more items in this request are being modified by a request in another Region.',
  );
