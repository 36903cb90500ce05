/** DynamoDB's state: tables of a Region, their items, and what other Regions of a global table haven't seen yet. */

import type { SandboxCore, Table } from '../../contract.ts';
import { checkKey, keyOfItem, keyString } from './keys.ts';
import type { ItemRow, OutboxRow, TableRecord } from './records.ts';
import { invalidParameter, noSuchTable, validation } from './validation.ts';
import type { Item } from './values.ts';
import { itemSize } from './values.ts';

/** An item with its names and values has at most 400 KB. */
const largestItem = 400 * 1024;

export type TableStatus = 'CREATING' | 'UPDATING' | 'ACTIVE' | 'DELETING';

export class Store {
  readonly core: SandboxCore;
  /** Told of every write to a global table, with the Regions that have to hear of it. */
  onWrite: (table: TableRecord, key: string) => void = () => {};

  constructor(core: SandboxCore) {
    this.core = core;
  }

  tables(region: string): Table<TableRecord> {
    return this.core.table('dynamodb', region, 'tables');
  }

  rows({ region, name }: Pick<TableRecord, 'region' | 'name'>): Table<ItemRow> {
    return this.core.table('dynamodb', region, `items/${name}`);
  }

  /** The items of a table as another of its Regions has them; a witness's stand where nobody else reads. */
  rowsAt(table: TableRecord, region: string): Table<ItemRow> {
    const name = table.witness?.region === region ? `witness/${table.name}` : `items/${table.name}`;
    return this.core.table('dynamodb', region, name);
  }

  outbox(region: string): Table<OutboxRow> {
    return this.core.table('dynamodb', region, 'outbox');
  }

  /** Client tokens of transactions: what was asked, and when. */
  tokens(region: string): Table<{ readonly request: string; readonly at: number }> {
    return this.core.table('dynamodb', region, 'tokens');
  }

  now(region: string): number {
    return this.core.region(region).clock.now();
  }

  arn(region: string, name: string): string {
    return `arn:aws:dynamodb:${region}:${this.core.account}:table/${name}`;
  }

  statusOf(table: TableRecord): TableStatus {
    const { change } = table;
    return change === undefined || this.now(table.region) >= change.until ? 'ACTIVE' : change.status;
  }

  /** A table by name or ARN, whatever its status. */
  table(region: string, given: string | undefined): TableRecord {
    const name = tableName(given);
    const table = this.tables(region).get(name);
    if (table === undefined) throw noSuchTable(name);
    return table;
  }

  /** A table that can be read and written: not while it is made or unmade. */
  open(region: string, given: string | undefined): TableRecord {
    const table = this.tables(region).get(tableName(given));
    const status = table === undefined ? 'DELETING' : this.statusOf(table);
    if (table === undefined || status === 'CREATING' || status === 'DELETING') throw noSuchTable();
    return table;
  }

  item(table: TableRecord, key: Item): Item | undefined {
    return this.rows(table).get(keyString(table, checkKey(table, key)))?.item ?? undefined;
  }

  items(table: TableRecord): Item[] {
    return this.rows(table)
      .values()
      .flatMap((row) => (row.item === null ? [] : [row.item]));
  }

  /** Throws when the item can't be stored; to be asked before anything is written. */
  checkItem(table: TableRecord, item: Item, updating = false): void {
    keyOfItem(table, item);
    if (itemSize(item) <= largestItem) return;
    throw updating
      ? validation('Item size to update has exceeded the maximum allowed size')
      : validation('Item size has exceeded the maximum allowed size');
  }

  put(table: TableRecord, item: Item): void {
    this.#write(table, keyString(table, keyOfItem(table, item)), item);
  }

  delete(table: TableRecord, key: Item): void {
    const id = keyString(table, key);
    if (table.replicas.length > 0) this.#write(table, id, null);
    else this.rows(table).delete(id);
  }

  #write(table: TableRecord, key: string, item: Item | null): void {
    const rows = this.rows(table);
    // A write comes after the one it was made on, whatever the clock says.
    const at = Math.max(this.now(table.region), (rows.get(key)?.at ?? 0) + 1);
    rows.put(key, { item, at, by: table.region });
    this.onWrite(table, key);
  }
}

/** A name, or the name in a table's ARN. */
export function tableName(given: string | undefined): string {
  const name = given?.startsWith('arn:') === true ? given.split(':table/')[1]?.split('/')[0] : given;
  if (name === undefined || !/^[A-Za-z0-9_.-]{3,255}$/.test(name)) {
    throw given === undefined
      ? validation("The parameter 'TableName' is required but was not present in the request")
      : invalidParameter(
          `TableName must be at least 3 characters long and at most 255 characters long, and match [a-zA-Z0-9_.-]+: ${given}`,
        );
  }
  return name;
}
