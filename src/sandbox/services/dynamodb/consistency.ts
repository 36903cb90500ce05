/** Reads and writes as their tables want them: most at once, those of strongly consistent tables with a majority of Regions behind them. */

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { checkKey, keyNames, keyString } from './keys.ts';
import type { TableRecord } from './records.ts';
import type { Store } from './store.ts';
import type { StrongTables, Touched } from './strong-tables.ts';
import { takenItem } from './values.ts';

/** An item by its key, or by all of it; without either, all items of the table. */
export interface Named {
  readonly TableName: string | undefined;
  readonly item?: Readonly<Record<string, AttributeValue>> | undefined;
}

export class Consistency {
  readonly #store: Store;
  readonly #strong: StrongTables;

  constructor(store: Store, strong: StrongTables) {
    this.#store = store;
    this.#strong = strong;
  }

  /** Runs `act`, which writes the named items or throws. */
  writing<T>(region: string, named: readonly Named[], act: () => T): T | Promise<T> {
    const touched = named.flatMap((one) => this.#touched(region, one));
    return touched.length === 0 ? act() : this.#strong.write(touched, act);
  }

  /** Runs `act`, which reads the named items. */
  reading<T>(region: string, consistent: boolean | undefined, named: readonly Named[], act: () => T): T | Promise<T> {
    const touched = consistent === true ? named.flatMap((one) => this.#touched(region, one)) : [];
    return touched.length === 0 ? act() : this.#strong.read(touched, act);
  }

  /** Nothing for what `act` will refuse anyway. */
  #touched(region: string, { TableName, item }: Named): Touched[] {
    const table = this.#strongTable(region, TableName);
    if (table === undefined) return [];
    if (item === undefined) return [{ table, keys: undefined }];
    try {
      const names = keyNames(table.keys);
      const key = Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
      return [{ table, keys: [keyString(table, checkKey(table, takenItem(key)))] }];
    } catch {
      return [];
    }
  }

  #strongTable(region: string, given: string | undefined): TableRecord | undefined {
    const name = given?.startsWith('arn:') === true ? given.split(':table/')[1]?.split('/')[0] : given;
    const table = name === undefined ? undefined : this.#store.tables(region).get(name);
    return table?.consistency === 'STRONG' && this.#store.statusOf(table) !== 'CREATING' ? table : undefined;
  }
}
